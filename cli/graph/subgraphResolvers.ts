import { dirname } from 'node:path'
import { LoadError, show } from '../../lib/errors'
import { isPromise } from '../../lib/isPromise'
import { shortPath } from '../../lib/packagePaths'
import { loadSubgraphSources, type SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { Config } from '../config/config'
import { failureProblem } from './failureProblem'
import { loadResolverModule, type ResolverModule } from './resolverModule'

/** The resolvers of every subgraph, by its name. */
export type ResolversBySubgraph = ReadonlyMap<string, SubgraphResolvers>

/**
 * Creates the resolvers of every subgraph that runs here, with `over` laid over them field by field. They call `services` when they
 * run, not before. Rejects with a LoadError where a module is not compiled, fails or exports no `createResolvers`, or a
 * resolver finds its settings wrong.
 */
export async function createAllResolvers(
  config: Config,
  services: () => unknown,
  over: Readonly<Record<string, SubgraphResolvers>> = {},
  sources = loadSubgraphSources(config.graph.subgraphs),
): Promise<ResolversBySubgraph> {
  const entries = sources
    .filter(({ isRemote }) => !isRemote)
    .map(async (source) => {
      return [source.name, await createResolversOf(source, config, services, over[source.name])] as const
    })
  return new Map(await Promise.all(entries))
}

/** Creates the resolvers of one subgraph; see `createAllResolvers`. */
export async function createResolversOf(
  source: SubgraphSource,
  config: Config,
  services: () => unknown,
  over: SubgraphResolvers = {},
): Promise<SubgraphResolvers> {
  return merge(await loadResolvers(source, config.subgraphs[source.name] ?? {}, services), over)
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

/** The resolvers of the module `resolvers` beside a subgraph's schema, or none where a team wrote none. */
async function loadResolvers(
  source: SubgraphSource,
  settings: Readonly<Record<string, string>>,
  services: () => unknown,
): Promise<SubgraphResolvers> {
  const module = await loadResolverModule(dirname(source.file))
  if (module === undefined) return {}
  const resolvers = created(module, settings, services)
  if (typeof resolvers === 'object' && resolvers !== null && !isPromise(resolvers)) return resolvers
  const got = isPromise(resolvers) ? 'a promise' : show(resolvers)
  throw new LoadError([
    `${shortPath(module.file)}: createResolvers must return resolvers by type, got ${got}`,
  ])
}

function created(
  { file, createResolvers }: ResolverModule,
  settings: Readonly<Record<string, string>>,
  services: () => unknown,
): SubgraphResolvers {
  try {
    return createResolvers(settings, services)
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError([failureProblem(file, 'createResolvers must return resolvers', error)])
  }
}
