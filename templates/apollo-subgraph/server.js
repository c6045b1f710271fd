import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { createPredictionSubgraph } from 'presage/subgraph'
import { createResolvers } from './subgraphs/orders/resolvers.js'

/** The subgraph with its predictions: `schema` is a GraphQLSchema, which any server of graphql-js executes. */
const predictions = await createPredictionSubgraph({
  config: 'presage.yaml',
  name: 'orders',
  schema: 'subgraphs/orders/schema.graphql',
  resolvers: createResolvers({ orders: 'data/orders.json' }),
})
await predictions.loaded

const server = new ApolloServer({
  schema: predictions.schema,
  plugins: [predictions.plugin],
  stopOnTerminationSignals: false,
})
const { url } = await startStandaloneServer(server, {
  listen: { host: process.env.PRESAGE_HOST || '127.0.0.1', port: Number(process.env.PORT ?? 4101) },
  // To add your own context: { ...(await predictions.context(http)), user }
  context: (http) => predictions.context(http),
})
console.error(`orders are served at ${url}`)

/** Stop the models' workers last. */
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await server.stop()
    await predictions.dispose()
    process.exit(0)
  })
}
