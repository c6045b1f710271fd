import { dirname } from 'node:path'
import { LoadError } from '../../lib/errors'
import { nearMiss } from '../../lib/files/nearMiss'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import type { PlatformServices } from '../../platform/services'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { Config } from '../config/config'
import { brokenJson } from './brokenJson'
import { checkedResolvers } from './checkedResolvers'
import { isPlatform, loadDeploymentSources } from './deploymentSources'
import { failureProblem } from './failureProblem'
import { loadResolverModule, type ResolverModule } from './resolverModule'

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
  refuseUnknownSettings(config, sources)
  const entries = sources
    .filter(({ isRemote }) => !isRemote)
    .map(async (source) => {
      return [source.name, await createResolversOf(source, config, services, over[source.name])] as const
    })
  return new Map(await Promise.all(entries))
}

/** Settings of a misspelt subgraph would reach no resolvers. */
function refuseUnknownSettings({ file, subgraphs }: Config, sources: readonly SubgraphSource[]): void {
  const names = sources.map(({ name }) => name)
  const problems = Object.keys(subgraphs).flatMap((name) => {
    if (names.includes(name)) return []
    return [
      `${pathInFile(file, `subgraphs.${name}`)}: must be of a listed subgraph, got ${name}${nearMiss(name, names)}`,
    ]
  })
  if (problems.length > 0) throw new LoadError(problems)
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
    : await loadResolvers(source, config)
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
async function loadResolvers(source: SubgraphSource, config: Config): Promise<SubgraphResolvers> {
  const module = await loadResolverModule(dirname(source.file))
  if (module === undefined) return {}
  return checkedResolvers(created(module, source.name, config), {
    start: shortPath(module.file),
    whole: 'createResolvers must return',
  })
}

function created(
  { file, createResolvers }: ResolverModule,
  subgraph: string,
  config: Config,
): SubgraphResolvers {
  const settings = config.subgraphs[subgraph] ?? {}
  try {
    return createResolvers(settings)
  } catch (error) {
    if (error instanceof LoadError) throw error
    const missing = Object.entries(settings).find(([, path]) => isMissing(path, error))
    if (missing === undefined) {
      const broken = error instanceof SyntaxError ? brokenJson(Object.values(settings)) : undefined
      throw new LoadError([broken ?? failureProblem(file, 'createResolvers must return resolvers', error)])
    }
    const [key, path] = missing
    throw new LoadError([
      `${pathInFile(config.file, `subgraphs.${subgraph}.${key}`)}: must be a readable file, got no such file (${shortPath(path)})`,
    ])
  }
}

/** Whether a module failed because a file is not there. */
function isMissing(path: string, error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, path: asked } = error as NodeJS.ErrnoException
  return code === 'ENOENT' && asked === path
}
