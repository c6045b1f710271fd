import { LoadError } from '../../../lib/errors'
import { modelContract } from '../../../models/manifest/modelContract'
import { type ModelContract, servesProblem } from '../../../models/manifest/servesObjective'
import type { Repository, RepositoryVersion } from '../../../models/repository/repository'

/**
 * Why a version is not fit to serve, as far as its files can tell without loading the graph: they are not complete, or
 * its manifest does not fit an objective that it names.
 */
export function versionProblems(
  version: RepositoryVersion,
  { objectives }: Pick<Repository, 'objectives'>,
): readonly string[] {
  if (version.state === 'refused') return version.problems
  const { key, manifest } = version
  try {
    const problem = servesProblem(manifest.serves, modelContract(manifest, objectives), objectives)
    return problem === undefined ? [] : [problem]
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    return error.problems.map((problem) => problem.replace(`${key}: `, ''))
  }
}

/** What is known of a version without its graph; undefined if it has no manifest that fits, of which `versionProblems` tells. */
export function contractOf(
  { manifest }: RepositoryVersion,
  { objectives }: Pick<Repository, 'objectives'>,
): ModelContract | undefined {
  try {
    return manifest && modelContract(manifest, objectives)
  } catch (error) {
    if (error instanceof LoadError) return undefined
    throw error
  }
}
