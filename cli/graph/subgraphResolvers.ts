import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { LoadError } from '../../lib/errors'
import { compiledPath, packageRoot, shortPath } from '../../lib/packagePaths'
import { loadSubgraphSources, type SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { Config } from '../config/config'

/** The resolvers of every subgraph, by its name. */
export type ResolversBySubgraph = ReadonlyMap<string, SubgraphResolvers>

/**
 * Creates the resolvers of every subgraph, with `over` laid over them field by field. They call `services` when they
 * run, not before. Throws a LoadError where a module is not compiled or exports no `createResolvers`, or a resolver finds
 * its settings wrong.
 */
export function createAllResolvers(
  config: Config,
  services: () => unknown,
  over: Readonly<Record<string, SubgraphResolvers>> = {},
  sources = loadSubgraphSources(config.graph.subgraphs),
): ResolversBySubgraph {
  const entries = sources.map((source) => {
    return [source.name, createResolversOf(source, config, services, over[source.name])] as const
  })
  return new Map(entries)
}

/** Creates the resolvers of one subgraph; see `createAllResolvers`. */
export function createResolversOf(
  source: SubgraphSource,
  config: Config,
  services: () => unknown,
  over: SubgraphResolvers = {},
): SubgraphResolvers {
  return merge(loadResolvers(source, config.subgraphs[source.name] ?? {}, services), over)
}

export function hasResolver(
  resolvers: ResolversBySubgraph,
  subgraph: string,
  type: string,
  field: string,
): boolean {
  const ofSubgraph = resolvers.get(subgraph) ?? {}
  return Object.hasOwn(ofSubgraph, type) && Object.hasOwn(ofSubgraph[type], field)
}

function merge(own: SubgraphResolvers, over: SubgraphResolvers): SubgraphResolvers {
  const merged: Record<string, object> = { ...own }
  for (const [type, fields] of Object.entries(over)) merged[type] = { ...own[type], ...fields }
  return merged
}

/** Whether the TypeScript sources themselves run, as they do in tests. */
const runsSources = __filename.endsWith('.ts')

/** The resolvers of the module `resolvers` beside a subgraph's schema, or none where a team wrote none. */
function loadResolvers(
  source: SubgraphSource,
  settings: Readonly<Record<string, string>>,
  services: () => unknown,
): SubgraphResolvers {
  const folder = dirname(source.file)
  const typescript = join(folder, 'resolvers.ts')
  const compiled = compiledPath(join(relative(packageRoot, folder), 'resolvers'))
  const candidates = [join(folder, 'resolvers.js'), join(folder, 'resolvers.cjs')]
  // A compiled file outlives its source: without the source beside the schema it is nobody's any more.
  if (existsSync(typescript)) candidates.push(runsSources ? typescript : compiled)
  const file = candidates.find(existsSync)
  if (file === undefined) {
    if (!existsSync(typescript)) return {}
    throw new LoadError([
      `${shortPath(typescript)}: must be compiled first, got no ${shortPath(candidates[0])}`,
    ])
  }
  const { createResolvers } = require(file) as { createResolvers?: CreateResolvers }
  if (typeof createResolvers !== 'function') {
    throw new LoadError([
      `${shortPath(file)}: must export a function createResolvers, got ${typeof createResolvers}`,
    ])
  }
  return createResolvers(settings, services)
}
