import { join } from 'node:path'
import { readTextFile } from '../lib/files/readTextFile'
import { packageRoot } from '../lib/packagePaths'
import type { SubgraphSource } from '../schema/sdl/subgraphSources'

/** What the built-in subgraph is called in the supergraph. */
export const platformName = 'platform'

/** The subgraph that shows and changes what a deployment knows of itself. `url` is where gateways elsewhere reach it; may be empty. */
export function platformSource(url: string): SubgraphSource {
  const file = join(packageRoot, 'platform/schema.graphql')
  return Object.freeze({ name: platformName, url, file, sdl: readTextFile(file) })
}
