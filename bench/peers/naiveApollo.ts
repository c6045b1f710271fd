/**
 * The naive peer: Apollo Server as its documentation starts it, one DataLoader a request, ONNX Runtime on the thread
 * that serves HTTP. Run as a process of its own; the argument names the schema: `all`, or one subgraph of it.
 */
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph'
import { parse } from 'graphql'
import { naiveSchemas } from './naiveSchemas'
import { subgraphSdl } from './subgraphSdl'

async function main(name: string): Promise<void> {
  const { typeDefs, resolvers, createContext } = await naiveSchemas[name]()
  const server = new ApolloServer(
    name === 'all'
      ? { typeDefs, resolvers }
      : {
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

main(process.argv[2])
