import { join } from 'node:path'
import { readTextFile } from '../lib/files/readTextFile'
import { packageRoot } from '../lib/packagePaths'
import type { SubgraphSource } from '../schema/sdl/subgraphSources'

/** The name of the built-in subgraph in the supergraph. */
export const platformName = 'platform'

/**
 * The built-in subgraph through which clients inspect and manage the deployment. `url` is its address for gateways in
 * other processes; may be empty.
 */
export function platformSource(url: string): SubgraphSource {
  const file = join(packageRoot, 'platform/schema.graphql')
  return Object.freeze({ name: platformName, url, file, sdl: readTextFile(file) })
}
