import { type BigIntStats, type Dirent, readdirSync, statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { rest } from '../../lib/scheduling/turns'

/** The appearance of a repository's files in the file system; no file is read. */
export interface RepositoryScan {
  /**
   * By path of each `objectives/*.yaml`, a text that changes if the file may have changed. In the order of the roots.
   */
  readonly objectives: ReadonlyMap<string, string>
  /** By directory of each `models/<model>/<version>/`, a text that changes if one of its files may have changed. */
  readonly versions: ReadonlyMap<string, string>
  /** Folders in which entries may be added or removed, without the versions' own. */
  readonly folders: readonly string[]
  /** Roots that cannot be read now, and why. Their content is unknown, which does not mean that it is gone. */
  readonly away: ReadonlyMap<string, string>
}

/** Looks at the roots folder by folder, with rests, so as not to delay requests. Never rejects. */
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

/** The appearance of a repository's files when they were read, or when they had settled. */
export type Appearances = Pick<RepositoryScan, 'objectives' | 'versions'>

/** A rest after each version. */
const folderRestMs = 1

/** Names, inodes, sizes and times of the files in a version's directory. */
export async function versionAppearance(directory: string): Promise<string> {
  const files = (await entriesOf(directory)).filter((entry) => !entry.isDirectory())
  const looks = await Promise.all(
    files.map(async ({ name }) => `${name} ${await appearance(join(directory, name))}`),
  )
  return ofVersion(directory, looks)
}

/** The same, at once. */
export function versionAppearanceSync(directory: string): string {
  const files = entriesSync(directory).filter((entry) => !entry.isDirectory())
  return ofVersion(
    directory,
    files.map(({ name }) => `${name} ${fileAppearanceSync(join(directory, name))}`),
  )
}

/** Inode, size and times of a file. */
export function fileAppearanceSync(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? absent : ofFile(stats)
}

/** Empty if the folder was removed just now. */
function entriesSync(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    return ignoreAbsent(error) ?? []
  }
}

function ofVersion(directory: string, files: readonly string[]): string {
  return `${directory}\n${[...files].sort().join('\n')}`
}

function ofFile({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
}

const absent = 'absent'

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

/** Empty if the folder does not exist, even if it was removed just now. */
async function entriesOf(folder: string, folders: string[] = []): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ignoreAbsent)
  if (entries === undefined) return []
  folders.push(folder)
  return entries
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(ignoreAbsent)
  return found?.isDirectory() ?? false
}

async function appearance(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(ignoreAbsent)
  return stats === undefined ? absent : ofFile(stats)
}

function ignoreAbsent(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP') throw error
}
