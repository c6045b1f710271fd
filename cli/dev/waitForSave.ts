import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const pollMs = 250

/** Waits until a folder no longer looks as in `first` and is at rest. Packages and hidden folders do not count. */
export async function waitForSave(folder: string, first: string): Promise<void> {
  for (let last = first; ; ) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    const now = await appearance(folder)
    if (now === last && now !== first) return
    last = now
  }
}

/** What a project's folder looks like: names, sizes and times of all files. */
export async function appearance(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const seen = entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return appearance(path)
      const { ino, size, mtimeMs } = await stat(path).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }))
      return `${path} ${ino} ${size} ${mtimeMs}`
    })
  return (await Promise.all(seen)).join('\n')
}
