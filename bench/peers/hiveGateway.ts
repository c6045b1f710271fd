/**
 * Hive Gateway's runtime on node:http, as its documentation embeds it, with what production turns off turned off: logs and the pages
 * for people. Run as a process of its own; the supergraph's file is its argument.
 */
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

// Not imported: its types add fields of their own to those of graphql, in every file of the program.
const { createGatewayRuntime } = createRequire(__filename)('@graphql-hive/gateway-runtime') as {
  createGatewayRuntime(options: object): RequestListener
}

function main(supergraphFile: string): void {
  const runtime = createGatewayRuntime({
    supergraph: readFileSync(supergraphFile, 'utf8'),
    logging: false,
    graphiql: false,
    landingPage: false,
  })
  const server = createServer(runtime)
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` })
  })
  process.on('disconnect', () => process.exit(0))
}

main(process.argv[2])
