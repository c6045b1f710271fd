import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import type { Objective } from '../../models/contracts/objective'
import { parseObjective } from '../../models/objectives/parseObjective'
import { readVersion } from '../../models/repository/readVersion'
import { loadVersion } from '../../serving/repository/loadVersion'
import { createShard } from '../../workers/shard'

/** The files of a version before they are written. */
export interface VersionFiles {
  readonly name: string
  readonly version: string
  /** Paths of files to copy, by their names in the folder. */
  readonly copies: Readonly<Record<string, string>>
  /** Texts of the other files, including `model.yaml`. */
  readonly texts: Readonly<Record<string, string>>
  /** The objective's file, if it is new. */
  readonly objective?: { readonly name: string; readonly text: string }
}

/**
 * Writes a version and its objective under a root, after bringing it into service in a hidden folder as a start would,
 * with its golden cases. Throws a LoadError, with nothing written, if it is not fit to serve or would overwrite
 * something. Returns the paths of the written files.
 */
export async function writeVersion(
  root: string,
  { name, version, copies, texts, objective }: VersionFiles,
  objectives: ReadonlyMap<string, Objective>,
): Promise<readonly string[]> {
  const folder = join(root, 'models', name, version)
  const objectiveFile = objective && join(root, 'objectives', `${objective.name}.yaml`)
  for (const path of [folder, objectiveFile]) {
    if (path !== undefined && existsSync(path))
      throw new LoadError([`${shortPath(path)}: must not be there yet`])
  }
  const known = new Map(objectives)
  if (objective) known.set(objective.name, parseObjective(objective.text, shortPath(objectiveFile as string)))
  /** Folders that were not there before, the innermost first. */
  const made: string[] = []
  const makeFolder = (path: string) => {
    const first = mkdirSync(path, { recursive: true })
    if (first === undefined) return
    const own: string[] = []
    for (let one = path; one.length >= first.length; one = dirname(one)) own.push(one)
    made.unshift(...own)
  }
  let hasObjective = false
  const models = join(root, 'models')
  makeFolder(models)
  sweep(models)
  const stage = makeStage(models)
  try {
    const staged = join(stage, name, version)
    mkdirSync(staged, { recursive: true })
    for (const [file, source] of Object.entries(copies)) copyFileSync(source, join(staged, file))
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(staged, file), text)
    await checkVersion(staged, known)
    if (objective && objectiveFile) {
      makeFolder(dirname(objectiveFile))
      writeFileSync(objectiveFile, objective.text, { flag: 'wx' })
      hasObjective = true
    }
    makeFolder(dirname(folder))
    renameSync(staged, folder)
  } catch (error) {
    rmSync(stage, { recursive: true, force: true })
    if (hasObjective) rmSync(objectiveFile as string, { force: true })
    for (const path of made) removeEmpty(path)
    throw error
  }
  rmSync(stage, { recursive: true, force: true })
  return [
    ...Object.keys({ ...copies, ...texts }).map((file) => join(folder, file)),
    ...(objectiveFile ? [objectiveFile] : []),
  ]
}

const stagePrefix = '.new-'
/** Longer than a command needs that is still running. */
const abandonedMs = 3_600_000

/** On the same file system, so that it can be moved; hidden, so that no running process loads it. */
function makeStage(models: string): string {
  try {
    return mkdtempSync(join(models, stagePrefix))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new LoadError([`${shortPath(models)}: must be a writable folder, got ${code}`])
  }
}

/** Removes what commands have left behind that were cut short. */
function sweep(models: string): void {
  for (const name of readdirSync(models)) {
    if (!name.startsWith(stagePrefix)) continue
    const path = join(models, name)
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (mtimeMs >= Date.now() - abandonedMs) continue
    try {
      rmSync(path, { recursive: true, force: true })
    } catch {
      // Another user's.
    }
  }
}

/** Another command may have written into it meanwhile. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {}
}

async function checkVersion(directory: string, objectives: ReadonlyMap<string, Objective>): Promise<void> {
  const version = readVersion(directory)
  if (version.state === 'refused') throw nothingWritten(version)
  const shard = await createShard({ name: 'new', kind: 'thread', workers: 1, inline: 'never' })
  try {
    await loadVersion(version, [shard], objectives, systemClock)
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    throw nothingWritten(error)
  } finally {
    await shard.dispose()
  }
}

function nothingWritten({ problems }: { readonly problems: readonly string[] }): LoadError {
  return new LoadError(problems.map((problem) => `nothing was written: ${problem}`))
}
