/**
 * The stock gateway: `@apollo/gateway` behind Apollo Server, both from a folder outside this package, since its licence
 * keeps it out of the dependencies. Run as a process of its own: the folder and the supergraph's file are its arguments.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What is used of the packages in that folder, whose types are not here. */
interface GatewayPackage {
  readonly ApolloGateway: new (options: { supergraphSdl: string }) => object
}
interface ServerPackage {
  readonly ApolloServer: new (options: { gateway: object }) => object
}
interface StandalonePackage {
  startStandaloneServer(server: object, options: object): Promise<{ url: string }>
}

async function main(folder: string, supergraphFile: string): Promise<void> {
  const load = createRequire(join(folder, 'package.json'))
  const { ApolloGateway } = load('@apollo/gateway') as GatewayPackage
  const { ApolloServer } = load('@apollo/server') as ServerPackage
  const { startStandaloneServer } = load('@apollo/server/standalone') as StandalonePackage
  const gateway = new ApolloGateway({ supergraphSdl: readFileSync(supergraphFile, 'utf8') })
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { port: 0, host: '127.0.0.1' },
  })
  process.send?.({ url })
  process.on('disconnect', () => process.exit(0))
}

main(process.argv[2], process.argv[3])
