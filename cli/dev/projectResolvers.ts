import { dirname, join } from 'node:path'
import type { PlatformServices } from '../../platform/services'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'
import { hasEsResolvers } from '../graph/resolverModule'
import { createAllResolvers, type ResolversBySubgraph } from '../graph/subgraphResolvers'
import { type Editions, startEditions } from './editions'
import { forgetProjectModules, loadedProjectFiles } from './projectModules'

/** The resolvers of a project, which can be loaded again. */
export class ProjectResolvers {
  /** Of ES modules, if there are any. */
  private editions: Editions | undefined

  /** As `createAllResolvers`. Modules that were loaded before are not loaded again, unless they are forgotten. */
  create(
    config: Config,
    sources: readonly SubgraphSource[],
    services: () => PlatformServices,
  ): Promise<ResolversBySubgraph> {
    if (sources.some(({ file, isRemote }) => !isRemote && hasEsResolvers(dirname(file))))
      this.editions ??= startEditions()
    return createAllResolvers(config, services, {}, sources)
  }

  /** Has all modules of the project loaded again the next time. */
  forgetModules(): void {
    forgetProjectModules()
    this.editions?.next()
  }

  /** The files that they are made of, or could be: a module beside each schema, what was loaded, and files of the settings. */
  files({ subgraphs }: Config, sources: readonly SubgraphSource[]): readonly string[] {
    const modules = sources.flatMap(({ file }) =>
      ['js', 'cjs', 'mjs'].map((ending) => join(dirname(file), `resolvers.${ending}`)),
    )
    const settings = Object.values(subgraphs).flatMap((files) => Object.values(files))
    return [...modules, ...settings, ...loadedProjectFiles(), ...(this.editions?.files() ?? [])]
  }
}
