import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, graphql, parse } from 'graphql'
import { createHttpExecutor } from '../../gateway/remote/httpExecutor'
import { type GraphqlServer, sendJson, startGraphqlServer } from '../support/graphqlServer'
import { type Federation, federate, linkFederation, type Subgraph } from './federate'
import { startServer } from './startServer'

/**
 * One graph whose subgraphs run in this process, the same behind HTTP servers that validate what they are asked, and the
 * same served by Presage, where every operation is asked before: then it goes by columns, and with others together.
 */
export interface BothWays {
  readonly 'in process': Federation
  readonly 'over HTTP': Federation
  readonly 'over HTTP to our own': Federation
  close(): Promise<void>
}

export const ways = ['in process', 'over HTTP', 'over HTTP to our own'] as const

export async function bothWays(subgraphs: Readonly<Record<string, Subgraph>>): Promise<BothWays> {
  const closing: (() => Promise<void> | undefined)[] = []
  const remote = async (
    serve: (schema: GraphQLSchema) => Promise<{ url: string; close(): Promise<void> }>,
  ) => {
    const all: Record<string, Subgraph> = {}
    for (const [name, { typeDefs, resolvers }] of Object.entries(subgraphs)) {
      const server = await serve(
        buildSubgraphSchema([{ typeDefs: parse(linkFederation + typeDefs), resolvers }]),
      )
      const executor = createHttpExecutor({ name, url: server.url, timeoutMs: 60_000 })
      closing.push(
        () => executor.dispose?.(),
        () => server.close(),
      )
      all[name] = { typeDefs, resolvers, executor: () => executor }
    }
    return federate(all)
  }
  return {
    'in process': federate(subgraphs),
    'over HTTP': await remote(serve),
    'over HTTP to our own': askedBefore(await remote(serveOwn)),
    async close() {
      for (const end of closing) await end()
    },
  }
}

/** Asks each query, but no mutation, several times at once before. */
function askedBefore(graph: Federation): Federation {
  return {
    ...graph,
    async query(...asked) {
      if (!asked[0].trimStart().startsWith('mutation')) {
        await graph.query(...asked)
        await Promise.all([graph.query(...asked), graph.query(...asked)])
        graph.sent.splice(0)
      }
      return graph.query(...asked)
    },
  }
}

async function serveOwn(schema: GraphQLSchema) {
  const server = await startServer({ schema })
  return { url: `${server.url}/graphql`, close: () => server.close() }
}

function serve(schema: GraphQLSchema): Promise<GraphqlServer> {
  return startGraphqlServer(async ({ query: source, variables: variableValues }, response) =>
    sendJson(response, await graphql({ schema, source, variableValues })),
  )
}
