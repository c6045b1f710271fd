import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Reading a version with more bytes takes longer than others should wait for it. */
const mostBytes = 256 * 2 ** 20

/** Whether the files in a version's directory are so large that others should not wait until they are read. */
export async function isLargeVersion(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0) > mostBytes
}
