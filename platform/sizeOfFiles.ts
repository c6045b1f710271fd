import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { RepositoryVersion } from '../models/repository/repository'

/** Each version is measured once, on demand, because it never changes. */
const sizes = new WeakMap<RepositoryVersion, number | null>()

/** The bytes of all files of a version; null if they cannot be read. */
export function sizeOfFiles(version: RepositoryVersion): number | null {
  let size = sizes.get(version)
  if (size === undefined) {
    size = measure(version)
    sizes.set(version, size)
  }
  return size
}

function measure(version: RepositoryVersion): number | null {
  if (version.state !== 'found') return null
  try {
    return Object.keys(version.digests)
      .map((file) => statSync(join(version.directory, file)).size)
      .reduce((sum, size) => sum + size, 0)
  } catch (error) {
    // They may have been removed since.
    if ((error as NodeJS.ErrnoException).code !== undefined) return null
    throw error
  }
}
