import { type Dirent, fstatSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

/** A path that has changed as often, and every attempt failed as before, is probably written by a program. */
const mostInVain = 3

/** The inodes of this process's own output: what it logs into the project's folder is no save. */
const outputs = [1, 2].map((output) => fstatSync(output).ino)

/** What a project's folders look like: by path the inode, size and time of each file. */
export type Look = ReadonlyMap<string, string>

/**
 * Saves in a project after a failed attempt. Packages, also those of a Python environment, and hidden folders do not
 * count, nor what Presage itself writes.
 * Resolvers may write files too, in each attempt or for each request: a path that changes ever again in vain does not
 * count any more, so that attempts end.
 */
export class ProjectSaves {
  private readonly inVain = new Map<string, number>()
  private problems = ''

  /** `written`: the files and folders that Presage writes. */
  constructor(
    private readonly written: () => readonly string[],
    private readonly pollMs = 250,
  ) {}

  /** Whether an attempt failed as the one before. If not, what changed before was not in vain. */
  isAsBefore(problems: string): boolean {
    const isSame = problems === this.problems
    this.problems = problems
    if (!isSame) this.inVain.clear()
    return isSame
  }

  /** Waits until something looks otherwise than in `first` and is at rest. Never settles once the signal is aborted. */
  async next(folders: readonly string[], first: Look, signal: AbortSignal): Promise<void> {
    for (let last = first; ; ) {
      await new Promise((resolve) => setTimeout(resolve, this.pollMs))
      if (signal.aborted) return new Promise(() => {})
      const now = await this.look(folders)
      // Another program may write without a rest.
      const moving = this.changed(last, now)
      const changed = this.changed(first, now).filter((path) => !moving.includes(path))
      if (changed.length > 0) {
        for (const path of changed) this.inVain.set(path, (this.inVain.get(path) ?? 0) + 1)
        return
      }
      last = now
    }
  }

  async look(folders: readonly string[]): Promise<Look> {
    const seen = new Map<string, string>()
    for (const folder of folders) await this.lookInto(folder, seen, [])
    return seen
  }

  private async lookInto(folder: string, seen: Map<string, string>, above: readonly string[]): Promise<void> {
    const real = await realpath(folder).catch(() => folder)
    // A link to a folder above it.
    if (above.includes(real)) return
    const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => [])
    // A Python environment within the project: ten thousands of files, and each save would wait for the look at them.
    if (above.length > 0 && entries.some(({ name }) => name === 'pyvenv.cfg')) return
    seen.set(folder, '')
    const names = entries
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name)
        const found = await stat(path).catch(() => undefined)
        if (found?.isDirectory()) return this.lookInto(path, seen, [...above, real])
        if (found !== undefined && outputs.includes(found.ino)) return
        seen.set(path, `${found?.ino} ${found?.size} ${found?.mtimeMs}`)
      }),
    )
  }

  /** For a file that came or went, its folder: each may have a name of its own. */
  private changed(before: Look, now: Look): readonly string[] {
    const written = this.written()
    const isWritten = (path: string) => written.some((one) => path === one || path.startsWith(one + sep))
    const changed = [...before.keys(), ...now.keys()]
      .filter((path) => before.get(path) !== now.get(path) && !isWritten(path))
      .map((path) => (before.has(path) && now.has(path) ? path : dirname(path)))
    return [...new Set(changed)].filter((path) => (this.inVain.get(path) ?? 0) < mostInVain)
  }
}
