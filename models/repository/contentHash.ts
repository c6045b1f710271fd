import { createHash } from 'node:crypto'
import type { FoundVersion } from './readVersion'

/** A SHA-256 of all files of a version. Processes with the same one have the same version, golden cases included. */
export function contentHash({ digests }: Pick<FoundVersion, 'digests'>): string {
  const lines = Object.keys(digests)
    .sort()
    .map((file) => `${digests[file]} ${file}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}
