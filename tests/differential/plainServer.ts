import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { execute, type GraphQLSchema, parse } from 'graphql'

/** A server of graphql-js and nothing else. */
export interface PlainServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves a schema on a free port. Resolvers get the request's headers as context. */
export async function startPlainServer(schema: GraphQLSchema): Promise<PlainServer> {
  const server = createServer(async (message, response) => {
    let text = ''
    for await (const chunk of message.setEncoding('utf8')) text += chunk
    const { query, variables, operationName } = JSON.parse(text) as {
      readonly query: string
      readonly variables?: Record<string, unknown>
      readonly operationName?: string
    }
    const result = await execute({
      schema,
      document: parse(query),
      variableValues: variables,
      operationName,
      contextValue: { request: { headers: message.headers } },
    })
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(result))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
