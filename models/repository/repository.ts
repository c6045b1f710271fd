import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { backslashHint } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import type { Objective } from '../contracts/objective'
import { readObjective } from '../objectives/readObjective'
import { type RepositoryVersion, readVersion } from './readVersion'
import { type Appearances, fileAppearanceSync, versionAppearanceSync } from './scanRepository'

export type { FoundVersion, RepositoryVersion } from './readVersion'

/** Everything in the repository's roots, read once. */
export interface Repository {
  readonly objectives: ReadonlyMap<string, Objective>
  /** By model name, then version; each key once. */
  readonly versions: readonly RepositoryVersion[]
  /** What was left out, one line each. The rest is usable. */
  readonly problems: readonly string[]
  /** What the files looked like just before they were read, so that every later change is noticed. */
  readonly appearances: Appearances
}

/**
 * Reads roots with `objectives/*.yaml` or `models/<model>/<version>/` or both. Never throws: a bad objective or root is
 * a problem, and a bad version is `refused`. So is a folder without `model.yaml`, which is written last: it is still
 * being copied. `whereOf` says where a root is named, by its position.
 */
export function loadRepository(
  roots: readonly string[],
  whereOf: (position: number) => string = (position) => `repositories.${position}`,
): Repository {
  const objectives = new Map<string, Objective>()
  const versions = new Map<string, RepositoryVersion>()
  const problems: string[] = []
  const appearances = { objectives: new Map<string, string>(), versions: new Map<string, string>() }
  for (const [position, root] of roots.entries()) {
    const objectiveFolder = join(root, 'objectives')
    const modelFolder = join(root, 'models')
    const problem = rootProblem(root)
    if (problem !== undefined) problems.push(`${whereOf(position)}: ${problem}`)
    for (const file of namesIn(objectiveFolder, problems, (name) => /\.ya?ml$/.test(name))) {
      const path = join(objectiveFolder, file)
      if (file.endsWith('.yaml')) {
        appearances.objectives.set(path, fileAppearanceSync(path))
        addObjective(path, objectives, problems)
      } else problems.push(`${shortPath(path)}: must end in .yaml, got ${file}`)
    }
    for (const name of foldersIn(modelFolder, problems)) {
      for (const folder of foldersIn(join(modelFolder, name), problems)) {
        const directory = join(modelFolder, name, folder)
        appearances.versions.set(directory, versionAppearanceSync(directory))
        const version = readVersion(directory)
        const known = versions.get(version.key)
        // Which one is meant is unknown, but a version must not be a mixture of both.
        if (known === undefined) versions.set(version.key, version)
        else
          problems.push(
            `${shortPath(directory)}: must be the only folder of its version, got ${version.key} also in ${shortPath(known.directory)}`,
          )
      }
    }
  }
  return { objectives, versions: [...versions.values()].sort(byNameAndVersion), problems, appearances }
}

/** Why a folder is no root of a repository; undefined if it is one. */
export function rootProblem(root: string): string | undefined {
  if (isFolder(join(root, 'objectives')) || isFolder(join(root, 'models'))) return undefined
  const came = isFolder(root) ? 'has neither' : existsSync(root) ? 'is no folder' : 'is not there'
  return `must be a folder with objectives/ or models/, got ${shortPath(root)}, which ${came}${backslashHint(root)}`
}

function addObjective(path: string, objectives: Map<string, Objective>, problems: string[]): void {
  try {
    const objective = readObjective(path)
    const known = objectives.get(objective.name)
    if (known !== undefined) {
      problems.push(
        `${objective.file}: objective: must be defined in one place only, got ${objective.name} also in ${known.file}`,
      )
    } else objectives.set(objective.name, objective)
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    problems.push(...error.problems)
  }
}

export function byNameAndVersion(left: RepositoryVersion, right: RepositoryVersion): number {
  return compareText(left.name, right.name) || compareVersions(left.version, right.version)
}

/** Made once: a request for the newest version of a model compares them. */
const natural = new Intl.Collator('en', { numeric: true })

/** Orders versions naturally: 9 before 10, and 1.9 before 1.10. */
export function compareVersions(left: string, right: string): number {
  return natural.compare(left, right) || compareText(left, right)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** As in a scan, what is out of reach counts as a folder, which cannot be read. */
function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch {
    return true
  }
}

function foldersIn(folder: string, problems: string[]): string[] {
  return namesIn(folder, problems, (name) => isFolder(join(folder, name)))
}

function namesIn(folder: string, problems: string[], takes: (name: string) => boolean): string[] {
  if (!isFolder(folder)) return []
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && takes(name))
      .sort()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    problems.push(`${shortPath(folder)}: must be a readable folder, got ${code ?? message}`)
    return []
  }
}
