const { join } = require('node:path')
const { ApolloServer } = require('@apollo/server')
const { startStandaloneServer } = require('@apollo/server/standalone')
const { createPredictionSubgraph } = require('presage/subgraph')
const { createResolvers } = require('./resolvers')

/** The watchlist team's own server: its own resolvers, and a prediction field beside them. */
async function main() {
  const predictions = await createPredictionSubgraph({
    config: join(__dirname, 'presage.yaml'),
    name: 'watchlist',
    schema: join(__dirname, 'schema.graphql'),
    resolvers: createResolvers(),
  })
  await predictions.loaded

  const server = new ApolloServer({
    schema: predictions.schema,
    plugins: [predictions.plugin],
    stopOnTerminationSignals: false,
  })
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: Number(process.env.PORT ?? 4201) },
    context: async (http) => ({ ...(await predictions.context(http)), team: 'watchlist' }),
  })
  console.error(`watchlist at ${url}`)

  process.once('SIGTERM', async () => {
    await server.stop()
    await predictions.dispose()
    process.exit(0)
  })
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
