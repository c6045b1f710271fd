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
  /** Roots and folders in them that cannot be read now, and why. Their content is unknown, which does not mean gone. */
  readonly away: ReadonlyMap<string, string>
}

/** Looks at the roots folder by folder, with rests, so as not to delay requests. Never rejects. */
export async function scanRepository(roots: readonly string[]): Promise<RepositoryScan> {
  const objectives = new Map<string, string>()
  const versions = new Map<string, string>()
  const seen: Seen = { folders: [], away: new Map() }
  for (const root of roots) {
    try {
      await readdir(root)
    } catch (error) {
      seen.away.set(root, codeOf(error))
      continue
    }
    seen.folders.push(root)
    for (const [path, appearance] of await scanObjectives(join(root, 'objectives'), seen)) {
      objectives.set(path, appearance)
    }
    for (const [directory, appearance] of await scanModels(join(root, 'models'), seen)) {
      versions.set(directory, appearance)
    }
  }
  return { objectives, versions, ...seen }
}

/** Collects folders while they are looked at. */
interface Seen {
  readonly folders: string[]
  readonly away: Map<string, string>
}

/** The appearance of a repository's files when they were read, or when they had settled. */
export type Appearances = Pick<RepositoryScan, 'objectives' | 'versions'>

/** A rest after each version. */
const folderRestMs = 1

/** Names, inodes, sizes and times of the files in a version's directory, or why it cannot be read. */
export async function versionAppearance(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(codeOf)
  if (typeof entries === 'string') return ofVersion(directory, [entries])
  const files = entries.filter((entry) => !entry.isDirectory())
  const looks = await Promise.all(
    files.map(async ({ name }) => `${name} ${await appearance(join(directory, name))}`),
  )
  return ofVersion(directory, looks)
}

/** The same, at once. */
export function versionAppearanceSync(directory: string): string {
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    return ofVersion(directory, [codeOf(error)])
  }
  const files = entries.filter((entry) => !entry.isDirectory())
  return ofVersion(
    directory,
    files.map(({ name }) => `${name} ${fileAppearanceSync(join(directory, name))}`),
  )
}

/** Inode, size and times of a file, or why it cannot be looked at. */
export function fileAppearanceSync(path: string): string {
  try {
    return ofFile(statSync(path, { bigint: true }))
  } catch (error) {
    return codeOf(error)
  }
}

function ofVersion(directory: string, files: readonly string[]): string {
  return `${directory}\n${[...files].sort().join('\n')}`
}

function ofFile({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
}

async function scanObjectives(folder: string, seen: Seen): Promise<readonly [string, string][]> {
  const entries = await entriesOf(folder, seen)
  const files = entries.filter(({ name }) => name.endsWith('.yaml') && !name.startsWith('.'))
  const paths = files.map(({ name }) => join(folder, name)).sort()
  return Promise.all(paths.map(async (path) => [path, await appearance(path)] as [string, string]))
}

async function scanModels(folder: string, seen: Seen): Promise<readonly [string, string][]> {
  const found: [string, string][] = []
  for (const model of await foldersIn(folder, seen)) {
    for (const directory of await foldersIn(model, seen)) {
      found.push([directory, await versionAppearance(directory)])
      await rest(folderRestMs)
    }
  }
  return found
}

async function foldersIn(folder: string, seen: Seen): Promise<readonly string[]> {
  const entries = await entriesOf(folder, seen)
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  const paths = await Promise.all(
    visible.map(async (entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path))) ? [path] : []
    }),
  )
  return paths.flat().sort()
}

/** Empty if the folder does not exist, even if it was removed just now, or cannot be read. */
async function entriesOf(folder: string, { folders, away }: Seen): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    folders.push(folder)
    return entries
  } catch (error) {
    const code = codeOf(error)
    if (!absent.has(code)) away.set(folder, code)
    return []
  }
}

/** Where a link leads may be out of reach. It then counts as a folder, which cannot be read. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    return !absent.has(codeOf(error))
  }
}

async function appearance(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(ofFile, codeOf)
}

const absent: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message
}
