import { type Dirent, fstatSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

const pollMs = 250

/** The inodes of this process's own output: what it logs into the project's folder is no save. */
const outputs = [1, 2].map((output) => fstatSync(output).ino)

/**
 * Waits until a folder no longer looks as in `first` and is at rest. Packages and hidden folders do not count. Never
 * settles once the signal is aborted.
 */
export async function waitForSave(folder: string, first: string, signal: AbortSignal): Promise<void> {
  for (let last = first; ; ) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    if (signal.aborted) return new Promise(() => {})
    const now = await appearance(folder)
    if (now === last && now !== first) return
    last = now
  }
}

/** What a project's folder looks like: names, sizes and times of all files. */
export async function appearance(folder: string, above: readonly string[] = []): Promise<string> {
  const real = await realpath(folder).catch(() => folder)
  // A link to a folder above it.
  if (above.includes(real)) return folder
  const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const seen = entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map(async ({ name }) => {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      if (found?.isDirectory()) return appearance(path, [...above, real])
      if (found !== undefined && outputs.includes(found.ino)) return path
      return `${path} ${found?.ino} ${found?.size} ${found?.mtimeMs}`
    })
  return [folder, ...(await Promise.all(seen))].join('\n')
}
