import { execFileSync, spawnSync } from 'node:child_process'
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

/**
 * Compares every objective with the last commit that had a different text. Throws a LoadError that lists each breaking
 * change, the folders that are no repositories, or why git refuses. Without a git history it passes and says so, and
 * warns where the history is not whole.
 */
export function checkContracts(config: Config, options: JsonOption): void {
  const missing = rootProblems(config)
  if (missing.length > 0) throw new LoadError(missing)
  if (!hasHistory(dirname(config.file))) {
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
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
      const file = join(folder, name)
      const text = readTextFile(file)
      const before = lastDifferent(folder, name, text)
      if (before === undefined) continue
      compared++
      const change = contractChange(
        parseObjective(before, `${shortPath(file)} as committed`),
        parseObjective(text, shortPath(file)),
      )
      problems.push(...change.map((problem) => `${shortPath(file)}: ${problem}`))
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  const text = `contracts hold (${compared} changed since an earlier commit)`
  printResult({ text, value: { changed: compared } }, options)
}

const shallow =
  'this clone is shallow, so earlier commits may have contracts that were not compared; fetch the whole history (actions/checkout: fetch-depth: 0)'

/** The text from the newest commit in which it was different. */
function lastDifferent(folder: string, name: string, text: string): string | undefined {
  const commits = (git(folder, ['log', '-2', '--format=%H', '--', name]) ?? '').split('\n').filter(Boolean)
  for (const commit of commits) {
    const before = git(folder, ['show', `${commit}:./${name}`])
    if (before !== undefined && before !== text) return before
  }
  return undefined
}

/** Whether there is a commit. Throws a LoadError with git's reason if git refuses to tell, or is not there. */
function hasHistory(folder: string): boolean {
  // Messages in English, to tell the two cases apart in which there is nothing to compare with.
  const env = { ...process.env, LC_ALL: 'C' }
  const { status, stderr, error } = spawnSync('git', ['rev-parse', '--verify', 'HEAD'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (status === 0) return true
  if (/not a git repository \(or any|Needed a single revision/.test(stderr ?? '')) return false
  const [reason] = (error?.message ?? stderr).trim().split('\n')
  throw new LoadError([`${shortPath(folder)}: must have a history that git reads, got ${reason}`])
}

/** The output of git; undefined if git fails, for example for a file that a commit lacks. */
function git(folder: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return undefined
  }
}
