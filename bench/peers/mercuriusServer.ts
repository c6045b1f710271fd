/**
 * Mercurius on Fastify, both from a folder outside this package: its own batching of a field's rows (loaders) and its compiled
 * operations (`jit`) are on. Run as a process of its own: the folder and the number of the case are its arguments.
 */
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { cases, modelsOf } from '../cases'
import { type Loader, mercuriusLoaders } from './mercuriusLoaders'
import { openWhole } from './wholeSchema'

/** What is used of the packages in that folder, whose types are not here. */
interface Application {
  readonly server: { address(): unknown }
  register(plugin: object, options: object): void
  listen(options: { port: number; host: string }): Promise<string>
}

async function main(folder: string, number: string): Promise<void> {
  const load = createRequire(join(folder, 'package.json'))
  const fastify = load('fastify') as (options: object) => Application
  const mercurius = load('mercurius') as object
  const benchCase = cases[Number(number)]
  const loaders = await mercuriusLoaders[benchCase.endpoint](modelsOf(benchCase))
  const { typeDefs, resolvers } = await openWhole(benchCase.endpoint)(modelsOf(benchCase))
  const application = fastify({ logger: false })
  application.register(mercurius, {
    schema: typeDefs,
    resolvers: withoutLoaded(resolvers, loaders),
    loaders: withoutCache(loaders),
    jit: 1,
    graphiql: false,
  })
  await application.listen({ port: 0, host: '127.0.0.1' })
  const { port } = application.server.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}/graphql` })
  process.on('disconnect', () => process.exit(0))
}

type Fields<Value> = Readonly<Record<string, Readonly<Record<string, Value>>>>

/** The resolvers of the naive servers that are no predictions. */
function withoutLoaded(resolvers: Fields<unknown>, loaders: Fields<Loader>): Fields<unknown> {
  return mapped(resolvers, (field, type) => {
    return field.startsWith('__') || loaders[type]?.[field] !== undefined ? undefined : resolvers[type][field]
  })
}

/** No loader is asked for a row twice in a request of the bench: keys of a cache would be made for nothing. */
function withoutCache(loaders: Fields<Loader>): Fields<unknown> {
  return mapped(loaders, (field, type) => ({ loader: loaders[type][field], opts: { cache: false } }))
}

function mapped(fields: Fields<unknown>, map: (field: string, type: string) => unknown): Fields<unknown> {
  const all = Object.entries(fields).map(([type, own]) => {
    const kept = Object.keys(own)
      .map((field) => [field, map(field, type)] as const)
      .filter(([, value]) => value !== undefined)
    return [type, Object.fromEntries(kept)] as const
  })
  return Object.fromEntries(all.filter(([, own]) => Object.keys(own).length > 0))
}

main(process.argv[2], process.argv[3])
