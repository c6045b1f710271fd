import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileDigest } from './fileDigest'

const chunkBytes = 1 << 17

/**
 * Reads the files of a version's directory piece by piece, so that whatever else this thread does goes on meanwhile: to hash
 * a graph of 100 MB takes a good tenth of a second. Yields what `readVersion` asks for its digests. Never rejects: what
 * could not be read is found out by who asks.
 */
export async function digestVersion(
  directory: string,
): Promise<(path: string) => { readonly sha256: string }> {
  const known = new Map<string, string>()
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(directory, entry.name)
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }))
        hash.update(chunk as Buffer)
      known.set(path, hash.digest('hex'))
    }
  } catch {
    // As said.
  }
  return (path) => {
    const sha256 = known.get(path)
    return sha256 === undefined ? fileDigest(path) : { sha256 }
  }
}
