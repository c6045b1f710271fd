import { statSync } from 'node:fs'
import { join } from 'node:path'
import { LoadError } from '../lib/errors'
import { memoizedWeakly } from '../lib/memoized'
import { readGolden } from '../models/compile/golden'
import type { RepositoryVersion } from '../models/repository/repository'

/** The number of a version's golden cases; null if their file cannot be read. */
export const countGoldenCases = factOfVersion((version) => {
  if (version.state !== 'found') return version.manifest?.golden === undefined ? 0 : null
  return version.goldenPath === undefined ? 0 : readGolden(version.goldenPath).cases.length
})

/** The bytes of all files of a version; null if they cannot be read. */
export const sizeOfFiles = factOfVersion((version) => {
  if (version.state !== 'found') return null
  return Object.keys(version.digests)
    .map((file) => statSync(join(version.directory, file)).size)
    .reduce((sum, size) => sum + size, 0)
})

/**
 * A fact that `read` takes from a version's files: read once, on demand, because a version never changes. Null if the
 * files cannot be read, since they may have been removed or replaced.
 */
function factOfVersion(read: (version: RepositoryVersion) => number | null) {
  return memoizedWeakly((version: RepositoryVersion) => {
    try {
      return read(version)
    } catch (error) {
      if (error instanceof LoadError || (error as NodeJS.ErrnoException).code !== undefined) return null
      throw error
    }
  })
}
