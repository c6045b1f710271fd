import { packageVersion } from '../../lib/packagePaths'
import { contentHash } from '../../models/repository/contentHash'
import type { RepositoryVersion } from '../../models/repository/repository'
import type { ServerIndex } from '../../workers/remote/inferenceClient'
import type { RemoteWorker } from '../../workers/remote/remoteWorker'

/**
 * The versions, `name@version`, of which a Presage worker has other files than the repository here. Only a worker of
 * this release can be compared, and only by what it has found right itself.
 */
export function otherFiles(
  { release }: Pick<RemoteWorker, 'release'>,
  index: ServerIndex,
  versions: readonly RepositoryVersion[],
): readonly string[] {
  if (release !== packageVersion()) return []
  const told = new Map(index.versions.map(({ name, version, verified }) => [`${name}@${version}`, verified]))
  return versions.flatMap((one) => {
    const verified = told.get(one.key)
    return one.state === 'found' && verified && verified.sha256 !== contentHash(one) ? [one.key] : []
  })
}
