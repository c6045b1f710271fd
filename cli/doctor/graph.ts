import { counted, LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import type { Config } from '../config/config'
import { type Graph, loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { type GeneratedFile, staleFiles } from '../process/generatedFile'

/** Checks that schemas, objectives and rules fit together, and that the supergraph's files are up to date. */
export async function checkGraph(
  config: Config,
  composedFiles: (config: Config, graph: Graph) => readonly GeneratedFile[],
): Promise<string> {
  const resolvers = await createAllResolvers(config)
  const graph = loadGraph(config, resolvers)
  const stale = staleFiles(composedFiles(config, graph)).map(({ path }) => shortPath(path))
  if (stale.length > 0) {
    throw new LoadError([`${stale.join(' and ')}: must match the schemas; run npx presage compose`])
  }
  const { sources, plan, repository } = graph
  const subgraphs = counted(sources.length, 'subgraph')
  const fields = counted(plan.fields.length, 'prediction field')
  return `${subgraphs}, ${fields}, ${counted(repository.objectives.size, 'objective')}; the supergraph matches the schemas`
}

/** The keys of versions that are fit to serve, of those among them without golden cases, and a line for each other one. */
export interface CheckedVersions {
  readonly ready: readonly string[]
  readonly unchecked: readonly string[]
  readonly refused: readonly string[]
}

/** Checks that each version is fit to serve: files and their hashes, signature, objectives, golden cases. */
export function checkModels({ ready, unchecked, refused }: CheckedVersions): string {
  if (refused.length > 0) throw new LoadError(refused)
  const without = unchecked.length === 0 ? '' : `; no golden cases for ${unchecked.join(', ')}`
  return `${counted(ready.length, 'version')} fit to serve: hashes, signatures and golden cases${without}`
}
