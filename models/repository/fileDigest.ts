import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

const chunkBytes = 1 << 20

/** The SHA-256 (lower-case hex) of a file, read in pieces of bounded memory. `going` is called after each. */
export function fileDigest(path: string, going?: () => void): string {
  const hash = createHash('sha256')
  const chunk = Buffer.allocUnsafe(chunkBytes)
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const read = readSync(file, chunk, 0, chunkBytes, null)
      if (read === 0) return hash.digest('hex')
      hash.update(read === chunkBytes ? chunk : chunk.subarray(0, read))
      going?.()
    }
  } finally {
    closeSync(file)
  }
}
