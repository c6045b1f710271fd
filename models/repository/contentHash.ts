import { createHash } from 'node:crypto'
import { packageVersion } from '../../lib/packagePaths'
import type { FoundVersion } from './readVersion'

let release: string | undefined

/** A SHA-256 of a version's files and of the release of Presage: all that decides what a process does with it. */
export function contentHash({ digests }: Pick<FoundVersion, 'digests'>): string {
  release ??= packageVersion()
  const hash = createHash('sha256').update(`presage ${release}\n`)
  for (const file of Object.keys(digests).sort()) hash.update(`${digests[file]} ${file}\n`)
  return hash.digest('hex')
}
