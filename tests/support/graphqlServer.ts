import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql'

/** One call as a subgraph's server got it. */
export interface Call {
  readonly query: string
  readonly variables: Record<string, unknown>
  readonly headers: IncomingHttpHeaders
  /** Settles when the client closed its connection before it had an answer. */
  readonly abandoned: Promise<void>
}

export interface GraphqlServer {
  readonly url: string
  readonly port: number
  readonly calls: readonly Call[]
  /** How many connections were opened, and how many are open now. */
  readonly connections: { readonly opened: number; readonly open: number }
  /** Settles when that many calls have come. */
  called(count: number): Promise<void>
  close(): Promise<void>
}

/** Answers one call; the default runs the operation on the schema. */
export type Answerer = (call: Call, response: ServerResponse) => Promise<void> | void

/** A GraphQL server with nothing in it that it does not need: graphql-js behind node:http. */
export async function startGraphqlServer(answer: GraphQLSchema | Answerer, port = 0): Promise<GraphqlServer> {
  const calls: Call[] = []
  const connections = { opened: 0, open: 0 }
  let waiting: { count: number; resolve: () => void }[] = []
  const answerer: Answerer =
    typeof answer === 'function'
      ? answer
      : async (call, response) => sendJson(response, await run(answer, call))
  const server = createServer((message, response) => {
    let body = ''
    message.setEncoding('utf8')
    message.on('data', (chunk: string) => {
      body += chunk
    })
    message.on('end', async () => {
      const abandoned = new Promise<void>((resolve) => {
        response.once('close', () => {
          if (!response.writableFinished) resolve()
        })
      })
      const call: Call = { ...JSON.parse(body), headers: message.headers, abandoned }
      calls.push(call)
      for (const { resolve } of waiting.filter(({ count }) => count <= calls.length)) resolve()
      waiting = waiting.filter(({ count }) => count > calls.length)
      await answerer(call, response)
    })
  })
  server.on('connection', (socket) => {
    connections.opened++
    connections.open++
    socket.once('close', () => {
      connections.open--
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}/graphql`,
    port: bound,
    calls,
    connections,
    called: (count) =>
      calls.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ count, resolve })
          }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function run(schema: GraphQLSchema, { query, variables }: Call): Promise<ExecutionResult> {
  return Promise.resolve(execute({ schema, document: parse(query), variableValues: variables }))
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  contentType = 'application/json; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': contentType })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
