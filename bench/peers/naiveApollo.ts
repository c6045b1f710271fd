/**
 * The naive peer: Apollo Server as its documentation starts it, one DataLoader a request, ONNX Runtime on the thread
 * that serves HTTP. Run as a process of its own; its arguments are the number of the case and, where it is to be a subgraph of
 * a federation, the subgraph's name.
 */
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph'
import { parse } from 'graphql'
import { cases, modelsOf } from '../cases'
import { naiveSchemas } from './naiveSchemas'
import { subgraphSdl } from './subgraphSdl'
import { openWhole } from './wholeSchema'

async function main(number: string, subgraph?: string): Promise<void> {
  const benchCase = cases[Number(number)]
  const open = subgraph === undefined ? openWhole(benchCase.endpoint) : naiveSchemas[subgraph]
  const { typeDefs, resolvers, createContext } = await open(modelsOf(benchCase))
  const server = new ApolloServer(
    subgraph === undefined
      ? { typeDefs, resolvers }
      : {
          plugins: [ApolloServerPluginInlineTraceDisabled()],
          schema: buildSubgraphSchema([
            {
              typeDefs: parse(subgraphSdl(typeDefs)),
              resolvers: resolvers as GraphQLSchemaModule['resolvers'],
            },
          ]),
        },
  )
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: async () => createContext(),
  })
  process.send?.({ url })
  process.on('disconnect', () => process.exit(0))
}

main(process.argv[2], process.argv[3])
