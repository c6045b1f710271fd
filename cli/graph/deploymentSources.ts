import { LoadError } from '../../lib/errors'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { platformName, platformSource } from '../../platform/platformSource'
import { loadSubgraphSources, type SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'

/** The listed subgraphs, and the built-in platform if it is enabled. Throws one LoadError with all problems. */
export function loadDeploymentSources(
  config: Pick<Config, 'file' | 'graph' | 'platform'>,
): readonly SubgraphSource[] {
  const listed = loadSubgraphSources(config.graph.subgraphs)
  const { platform } = config
  if (platform === false) return listed
  if (listed.some(({ name }) => name === platformName)) {
    throw new LoadError([
      `${pathInFile(config.graph.subgraphs, `subgraphs.${platformName}`)}: must have another name beside the built-in subgraph (platform in ${shortPath(config.file)}), got ${platformName}`,
    ])
  }
  return [...listed, platformSource(platform === true ? '' : platform.url)]
}

/** Whether a subgraph is the built-in platform. If the platform is disabled, any subgraph may use its name. */
export function isPlatform({ platform }: Pick<Config, 'platform'>, name: string | undefined): boolean {
  return platform !== false && name === platformName
}
