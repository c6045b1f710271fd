import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { packageRoot, shortPath } from '../lib/compiled'
import { LoadError } from '../lib/errors'
import type { SubgraphSource } from '../schema/subgraphSources'
import type { CreateResolvers } from '../serving/subgraphModule'
import type { SubgraphResolvers } from '../serving/subgraphSchema'

/** Whether the TypeScript sources themselves run, as they do in tests. */
const runsSources = __filename.endsWith('.ts')

/**
 * The resolvers of a subgraph: of the `resolvers` module beside its schema, or none where a team wrote none. Throws a
 * LoadError if the module is not compiled or exports no `createResolvers`.
 */
export function loadResolvers(
  source: SubgraphSource,
  settings: Readonly<Record<string, string>>,
  services: () => unknown,
): SubgraphResolvers {
  const folder = dirname(source.file)
  const compiled = join(packageRoot, 'dist', relative(packageRoot, folder))
  const candidates = runsSources
    ? [join(folder, 'resolvers.ts'), join(folder, 'resolvers.js')]
    : [join(folder, 'resolvers.js'), join(folder, 'resolvers.cjs'), join(compiled, 'resolvers.js')]
  const file = candidates.find(existsSync)
  if (file === undefined) {
    const typescript = join(folder, 'resolvers.ts')
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
