import { LoadError } from '../lib/errors'
import { readGolden } from '../models/compile/golden'
import type { RepositoryVersion } from '../models/repository/repository'

/** Each file is read once, on demand, because a version never changes. */
const counts = new WeakMap<RepositoryVersion, number | null>()

/** The number of a version's golden cases; null if their file cannot be read. */
export function countGoldenCases(version: RepositoryVersion): number | null {
  let count = counts.get(version)
  if (count === undefined) {
    count = read(version)
    counts.set(version, count)
  }
  return count
}

function read(version: RepositoryVersion): number | null {
  if (version.state !== 'found') return version.manifest?.golden === undefined ? 0 : null
  if (version.goldenPath === undefined) return 0
  try {
    return readGolden(version.goldenPath).cases.length
  } catch (error) {
    // It may have been removed or replaced since.
    if (error instanceof LoadError || (error as NodeJS.ErrnoException).code !== undefined) return null
    throw error
  }
}
