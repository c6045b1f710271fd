const { createServer } = require('node:http')
const { readFileSync } = require('node:fs')

/** Other people's gateways over a supergraph file: `node foreignGateway.js apollo|hive SUPERGRAPH`. */
const gateways = {
  async apollo(supergraphSdl) {
    const { ApolloGateway } = require('@apollo/gateway')
    const { ApolloServer } = require('@apollo/server')
    const { startStandaloneServer } = require('@apollo/server/standalone')
    const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl }) })
    const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } })
    return url
  },

  async hive(supergraph) {
    const { createGatewayRuntime } = require('@graphql-hive/gateway-runtime')
    const runtime = createGatewayRuntime({ supergraph, logging: false, maskedErrors: false })
    const server = createServer(runtime)
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${server.address().port}/graphql`
  },
}

const [, , name, file] = process.argv
gateways[name](readFileSync(file, 'utf8')).then((url) => console.error(`serves ${url}`))
