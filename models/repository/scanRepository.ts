import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { rest } from '../../lib/scheduling/turns'

/** How the files of a repository look to the file system; nothing is read. */
export interface RepositoryScan {
  /** By path of each `objectives/*.yaml`: another text when the file may be another. In the order of the roots. */
  readonly objectives: ReadonlyMap<string, string>
  /** By directory of each `models/<model>/<version>/`: another text when one of its files may be another. */
  readonly versions: ReadonlyMap<string, string>
  /** Folders in which something may come or go, those of versions not among them. */
  readonly folders: readonly string[]
  /** Roots that cannot be looked at now, and why: of what they hold nothing is known, not that it is gone. */
  readonly away: ReadonlyMap<string, string>
}

/**
 * Looks at roots as `loadRepository` reads them, one folder after the other with a rest behind each, since it is done beside requests. Never
 * rejects.
 */
export async function scanRepository(roots: readonly string[]): Promise<RepositoryScan> {
  const objectives = new Map<string, string>()
  const versions = new Map<string, string>()
  const folders: string[] = []
  const away = new Map<string, string>()
  for (const root of roots) {
    try {
      await readdir(root)
      folders.push(root)
      for (const [path, appearance] of await scanObjectives(join(root, 'objectives'), folders)) {
        objectives.set(path, appearance)
      }
      for (const [directory, appearance] of await scanModels(join(root, 'models'), folders)) {
        versions.set(directory, appearance)
      }
    } catch (error) {
      away.set(root, (error as NodeJS.ErrnoException).code ?? (error as Error).message)
    }
  }
  return { objectives, versions, folders, away }
}

/** A version of five files takes a quarter of a millisecond of this thread. */
const folderRestMs = 1

/** Names, places, sizes and times of the files of a version's directory. */
export async function versionAppearance(directory: string): Promise<string> {
  const files = (await entriesOf(directory)).filter((entry) => !entry.isDirectory())
  const looks = await Promise.all(
    files.map(async ({ name }) => `${name} ${await appearance(join(directory, name))}`),
  )
  return `${directory}\n${looks.sort().join('\n')}`
}

async function scanObjectives(folder: string, folders: string[]): Promise<readonly [string, string][]> {
  const entries = await entriesOf(folder, folders)
  const files = entries.filter(({ name }) => name.endsWith('.yaml') && !name.startsWith('.'))
  const paths = files.map(({ name }) => join(folder, name)).sort()
  return Promise.all(paths.map(async (path) => [path, await appearance(path)] as [string, string]))
}

async function scanModels(folder: string, folders: string[]): Promise<readonly [string, string][]> {
  const found: [string, string][] = []
  for (const model of await foldersIn(folder, folders)) {
    for (const directory of await foldersIn(model, folders)) {
      found.push([directory, await versionAppearance(directory)])
      await rest(folderRestMs)
    }
  }
  return found
}

async function foldersIn(folder: string, folders: string[]): Promise<readonly string[]> {
  const entries = await entriesOf(folder, folders)
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  const paths = await Promise.all(
    visible.map(async (entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path))) ? [path] : []
    }),
  )
  return paths.flat().sort()
}

/** None where there is no such folder, also when it went away just now. */
async function entriesOf(folder: string, folders: string[] = []): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    folders.push(folder)
    return entries
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

async function appearance(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch (error) {
    if (isAbsent(error)) return 'absent'
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP'
}
