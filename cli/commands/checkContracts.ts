import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { contractChange } from '../../models/objectives/contractChange'
import { parseObjective } from '../../models/objectives/parseObjective'
import type { Config } from '../config/config'
import { rootProblems } from '../graph/repositories'
import { type JsonOption, printResult } from '../terminal/printResult'

export interface CheckContractsOptions extends JsonOption {
  /** A revision: what a branch is to be merged into. */
  readonly base?: string
}

/**
 * Compares every objective with its text where the branch left `base`, or without a base with the last commit that had
 * a different text. Throws a LoadError that lists each breaking change, the folders that are no repositories, or why git
 * refuses. Without a base and a git history it passes and says so. It warns where the history is not whole.
 */
export function checkContracts(config: Config, options: CheckContractsOptions): void {
  const { base } = options
  const missing = rootProblems(config)
  if (missing.length > 0) throw new LoadError(missing)
  if (!hasHistory(dirname(config.file)) && base === undefined) {
    const text = 'no git history here: contracts were not compared'
    printResult({ text, value: { changed: null } }, options)
    return
  }
  if (git(dirname(config.file), ['rev-parse', '--is-shallow-repository'])?.trim() === 'true') {
    console.error(`warning: ${shallow}`)
  }
  const problems: string[] = []
  let compared = 0
  for (const root of config.repositories) {
    const folder = join(root, 'objectives')
    if (!existsSync(folder)) continue
    const fork = base === undefined ? undefined : forkOf(folder, base)
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
      const file = join(folder, name)
      const text = readTextFile(file)
      const before = fork === undefined ? lastDifferent(folder, name, text) : textIn(fork, folder, name)
      if (before === undefined || before === text) continue
      compared++
      const change = contractChange(
        parseObjective(before, `${shortPath(file)} as committed`),
        parseObjective(text, shortPath(file)),
      )
      problems.push(...change.map((problem) => `${shortPath(file)}: ${problem}`))
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  const text = `contracts hold (${compared} changed since ${base ?? 'an earlier commit'})`
  printResult({ text, value: { changed: compared } }, options)
}

const shallow =
  'this clone is shallow, so earlier commits may have contracts that were not compared; fetch the whole history (actions/checkout: fetch-depth: 0)'

/** The commit in which the branch left the base. Throws a LoadError if there is none. */
function forkOf(folder: string, base: string): string {
  const fork = git(folder, ['merge-base', base, 'HEAD'])
  if (fork !== undefined) return fork.trim()
  throw new LoadError([
    `--base: must be a revision that has a commit in common with HEAD in ${shortPath(folder)}, got ${base}`,
  ])
}

/** The text from the newest commit in which it was different. */
function lastDifferent(folder: string, name: string, text: string): string | undefined {
  const commits = (git(folder, ['log', '--format=%H', '--', name]) ?? '').split('\n').filter(Boolean)
  for (const commit of commits) {
    const before = textIn(commit, folder, name)
    if (before !== undefined && before !== text) return before
  }
  return undefined
}

/** Undefined if the commit lacks the file, for example because it deletes it. */
function textIn(commit: string, folder: string, name: string): string | undefined {
  return git(folder, ['show', `${commit}:./${name}`])
}

/** Whether there is a commit. Throws a LoadError with git's reason if git refuses to tell, or is not there. */
function hasHistory(folder: string): boolean {
  const { status, stderr, error } = runGit(folder, ['rev-parse', '--verify', 'HEAD'])
  if (status === 0) return true
  // The two cases in which there is nothing to compare with.
  if (/not a git repository \(or any|Needed a single revision/.test(stderr ?? '')) return false
  const [reason] = (error?.message ?? stderr).trim().split('\n')
  throw new LoadError([`${shortPath(folder)}: must have a history that git reads, got ${reason}`])
}

/** The output of git; undefined if git fails. */
function git(folder: string, args: readonly string[]): string | undefined {
  const { status, stdout } = runGit(folder, args)
  return status === 0 ? stdout : undefined
}

/** Its messages are in English, whatever the user's language. */
function runGit(folder: string, args: readonly string[]) {
  return spawnSync('git', args, { cwd: folder, env: { ...environment(), LC_ALL: 'C' }, encoding: 'utf8' })
}

/**
 * A hook of git in a linked work tree gets GIT_DIR alone. With that, git takes the folder that it runs in for the root of
 * the work tree, and finds no objective in any commit.
 */
function environment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _, ...rest } = process.env
  return rest['GIT_WORK_TREE'] === undefined ? rest : process.env
}
