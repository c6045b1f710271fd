import { LoadError } from '../../../lib/errors'
import { modelContract } from '../../../models/manifest/modelContract'
import { servesProblem } from '../../../models/manifest/servesObjective'
import type { Repository, RepositoryVersion } from '../../../models/repository/repository'

/**
 * Why a version is not fit to serve, as far as its files can tell without loading the graph: they are not complete, or
 * its manifest does not fit an objective that it names. Null if nothing is found.
 */
export function versionProblem(
  version: RepositoryVersion,
  { objectives }: Pick<Repository, 'objectives'>,
): string | null {
  if (version.state === 'refused') return version.reason
  const { key, manifest } = version
  try {
    return servesProblem(manifest.serves, modelContract(manifest, objectives), objectives) ?? null
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    return error.problems.map((problem) => problem.replace(`${key}: `, '')).join('; ')
  }
}
