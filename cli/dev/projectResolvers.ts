import { dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import type { PlatformServices } from '../../platform/services'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'
import { hasEsResolvers, moduleEndings } from '../graph/resolverModule'
import { createAllResolvers, type ResolversBySubgraph } from '../graph/subgraphResolvers'
import { type Editions, startEditions } from './editions'
import { forgetProjectModules, loadedProjectFiles } from './projectModules'

export class ProjectResolvers {
  /** Set once there are ES modules. */
  private editions: Editions | undefined

  /** Lets the `create` in progress reject, without a problem: a newer save decides, or nothing is needed any more. */
  giveUp = () => {}

  /** See `createAllResolvers`. Loaded modules are used again unless `forgetModules` was called. */
  create(
    config: Config,
    sources: readonly SubgraphSource[],
    services: () => PlatformServices,
  ): Promise<ResolversBySubgraph> {
    if (sources.some(({ file, isRemote }) => !isRemote && hasEsResolvers(dirname(file))))
      this.editions ??= startEditions()
    return new Promise((resolve, reject) => {
      this.giveUp = () => reject(new LoadError([]))
      createAllResolvers(config, services, {}, sources).then(resolve, reject)
    })
  }

  /** Makes the next `create` load all modules of the project again. */
  forgetModules(): void {
    forgetProjectModules()
    this.editions?.next()
  }

  /** What the resolvers (may) depend on: a module beside each schema, all loaded files, and those of settings. */
  files({ subgraphs }: Config, sources: readonly SubgraphSource[]): readonly string[] {
    const modules = sources.flatMap(({ file }) =>
      moduleEndings.map((ending) => join(dirname(file), `resolvers${ending}`)),
    )
    const settings = Object.values(subgraphs).flatMap((files) => Object.values(files))
    return [...modules, ...settings, ...loadedProjectFiles(), ...(this.editions?.files() ?? [])]
  }
}
