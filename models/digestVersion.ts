import { createHash } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { GentlePace, type Pace } from '../lib/turns'
import { fileDigest } from './fileDigest'

/** To hash so much takes well below a millisecond. */
const chunkBytes = 1 << 16

/**
 * Reads the files of a version's directory piece by piece and gently, so that whatever else this thread does goes on meanwhile: to hash
 * a graph of 100 MB takes a good tenth of a second. Yields what `readVersion` asks for its digests. Never rejects: what
 * could not be read is found out by who asks.
 */
export async function digestVersion(
  directory: string,
): Promise<(path: string) => { readonly sha256: string }> {
  const known = new Map<string, string>()
  const pace = new GentlePace()
  // One for all pieces: many megabytes that are garbage at once have the engine collect everything.
  const chunk = Buffer.allocUnsafe(chunkBytes)
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(directory, entry.name)
      known.set(path, await digestOf(path, chunk, pace))
    }
  } catch {
    // As said.
  }
  return (path) => {
    const sha256 = known.get(path)
    return sha256 === undefined ? fileDigest(path) : { sha256 }
  }
}

async function digestOf(path: string, chunk: Buffer, pace: Pace): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path)
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunkBytes)
      if (bytesRead === 0) return hash.digest('hex')
      await pace.piece(() => hash.update(chunk.subarray(0, bytesRead)))
    }
  } finally {
    await file.close()
  }
}
