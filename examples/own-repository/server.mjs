import { fileURLToPath } from 'node:url'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { createPredictionSubgraph } from 'presage/subgraph'
import { createResolvers } from './loans/resolvers.mjs'

/** The same subgraph in a server of the team's own, for any gateway. */
const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const predictions = await createPredictionSubgraph({
  config: here('presage.yaml'),
  name: 'loans',
  schema: here('loans/schema.graphql'),
  resolvers: createResolvers(),
})
await predictions.loaded

const server = new ApolloServer({
  schema: predictions.schema,
  plugins: [predictions.plugin],
  stopOnTerminationSignals: false,
})
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT ?? 4101) },
  context: predictions.context,
})
console.error(`loans at ${url}`)

process.once('SIGTERM', async () => {
  await server.stop()
  await predictions.dispose()
})
