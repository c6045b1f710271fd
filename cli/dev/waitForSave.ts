import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How often to look, in milliseconds. */
const pollMs = 250

/**
 * Waits until something in a project's folder is saved, created or deleted, and the folder is at rest again. Packages
 * and hidden folders do not count. `before` is what the folder looked like at first: by default, as now. Resolves with
 * what it looks like after the change.
 */
export async function waitForSave(folder: string, before?: string): Promise<string> {
  const first = before ?? (await appearance(folder))
  for (let last = first; ; ) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    const now = await appearance(folder)
    if (now === last && now !== first) return now
    last = now
  }
}

/** Names, sizes and times of all files. */
async function appearance(folder: string): Promise<string> {
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
