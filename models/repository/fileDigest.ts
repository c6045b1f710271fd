import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

const chunkBytes = 1 << 20

/**
 * Size in bytes and SHA-256 (lower-case hex) of a file, read in pieces, so that a large graph is never completely in
 * memory. `going` is called after each piece.
 */
export function fileDigest(
  path: string,
  going?: () => void,
): { readonly bytes: number; readonly sha256: string } {
  const hash = createHash('sha256')
  const chunk = Buffer.allocUnsafe(chunkBytes)
  const file = openSync(path, 'r')
  try {
    let bytes = 0
    for (;;) {
      const read = readSync(file, chunk, 0, chunkBytes, null)
      if (read === 0) return { bytes, sha256: hash.digest('hex') }
      hash.update(read === chunkBytes ? chunk : chunk.subarray(0, read))
      bytes += read
      going?.()
    }
  } finally {
    closeSync(file)
  }
}
