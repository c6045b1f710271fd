import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, parse } from 'graphql'

export interface ApolloSubgraph {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

type Resolvers = Record<string, Record<string, (...args: never[]) => unknown>>

/** A team's own subgraph: Apollo Server over `@apollo/subgraph`, without introspection, as in production. */
export async function startApolloSubgraph(
  sdl: string,
  resolvers: Resolvers,
  port = 0,
): Promise<ApolloSubgraph> {
  const typeDefs: DocumentNode = parse(sdl)
  const server = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]),
    introspection: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
    stopOnTerminationSignals: false,
  })
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port } })
  return { url, port: Number(new URL(url).port), close: () => server.stop() }
}
