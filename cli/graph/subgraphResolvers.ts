import { dirname } from 'node:path'
import { LoadError, show } from '../../lib/errors'
import { isPromise } from '../../lib/isPromise'
import { shortPath } from '../../lib/packagePaths'
import type { PlatformServices } from '../../platform/services'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { Config } from '../config/config'
import { isPlatform, loadDeploymentSources } from './deploymentSources'
import { failureProblem } from './failureProblem'
import { loadResolverModule, type ResolverModule } from './resolverModule'

/** The resolvers of every subgraph, by name. */
export type ResolversBySubgraph = ReadonlyMap<string, SubgraphResolvers>

/**
 * Creates the resolvers of every subgraph that runs here; `over` overrides them field by field. The platform's
 * resolvers call `services` only when they run. Rejects with a LoadError if a module is not compiled, throws or exports
 * no `createResolvers`, or if a resolver rejects its settings.
 */
export async function createAllResolvers(
  config: Config,
  services: () => PlatformServices = notStarted,
  over: Readonly<Record<string, SubgraphResolvers>> = {},
  sources = loadDeploymentSources(config),
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
  services: () => PlatformServices = notStarted,
  over: SubgraphResolvers = {},
): Promise<SubgraphResolvers> {
  const own = isPlatform(config, source.name)
    ? platformResolvers(services)
    : await loadResolvers(source, config.subgraphs[source.name] ?? {})
  return merge(own, over)
}

/** Loaded only if the graph includes the platform. */
function platformResolvers(services: () => PlatformServices): SubgraphResolvers {
  const {
    createPlatformResolvers,
  }: typeof import('../../platform/platformResolvers') = require('../../platform/platformResolvers')
  return createPlatformResolvers(services)
}

function notStarted(): never {
  throw new Error('Bug: resolvers ask for services that have not been started')
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

/** The resolvers of the module `resolvers` beside a subgraph's schema; empty if there is no such module. */
async function loadResolvers(
  source: SubgraphSource,
  settings: Readonly<Record<string, string>>,
): Promise<SubgraphResolvers> {
  const module = await loadResolverModule(dirname(source.file))
  if (module === undefined) return {}
  const resolvers = created(module, settings)
  if (typeof resolvers === 'object' && resolvers !== null && !isPromise(resolvers)) return resolvers
  const got = isPromise(resolvers) ? 'a promise' : show(resolvers)
  throw new LoadError([
    `${shortPath(module.file)}: createResolvers must return resolvers by type, got ${got}`,
  ])
}

function created(
  { file, createResolvers }: ResolverModule,
  settings: Readonly<Record<string, string>>,
): SubgraphResolvers {
  try {
    return createResolvers(settings)
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError([failureProblem(file, 'createResolvers must return resolvers', error)])
  }
}
