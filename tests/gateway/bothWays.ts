import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, graphql, parse } from 'graphql'
import { createHttpExecutor } from '../../gateway/remote/httpExecutor'
import { type GraphqlServer, sendJson, startGraphqlServer } from '../support/graphqlServer'
import { type Federation, federate, linkFederation, type Subgraph } from './federate'

/** One graph whose subgraphs run in this process, and the same behind HTTP servers that validate what they are asked. */
export interface BothWays {
  readonly 'in process': Federation
  readonly 'over HTTP': Federation
  close(): Promise<void>
}

export const ways = ['in process', 'over HTTP'] as const

export async function bothWays(subgraphs: Readonly<Record<string, Subgraph>>): Promise<BothWays> {
  const remote: Record<string, Subgraph> = {}
  const closing: (() => Promise<void> | undefined)[] = []
  for (const [name, { typeDefs, resolvers }] of Object.entries(subgraphs)) {
    const server = await serve(
      buildSubgraphSchema([{ typeDefs: parse(linkFederation + typeDefs), resolvers }]),
    )
    const executor = createHttpExecutor({ name, url: server.url, timeoutMs: 10_000 })
    closing.push(
      () => executor.dispose?.(),
      () => server.close(),
    )
    remote[name] = { typeDefs, resolvers, executor: () => executor }
  }
  return {
    'in process': federate(subgraphs),
    'over HTTP': federate(remote),
    async close() {
      for (const end of closing) await end()
    },
  }
}

function serve(schema: GraphQLSchema): Promise<GraphqlServer> {
  return startGraphqlServer(async ({ query: source, variables: variableValues }, response) =>
    sendJson(response, await graphql({ schema, source, variableValues })),
  )
}
