import { LoadError } from '../../../lib/errors'
import { modelContract } from '../../../models/manifest/modelContract'
import { servesProblem } from '../../../models/manifest/servesObjective'
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
