import { execFileSync } from 'node:child_process'
import { cpus, getPriority, loadavg, totalmem } from 'node:os'
import { packageRoot } from '../lib/packagePaths'

/** What is measured, and where. */
export interface Origin {
  readonly date: string
  readonly commit: string
  /** Whether files differ from the commit, other than what is written about it. */
  readonly changed: boolean
  readonly node: string
  readonly machine: object
}

/** To be read before anything is measured: others may commit meanwhile, and the bench's own load is none of theirs. */
export function readOrigin(): Origin {
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: git('status', '--porcelain', '--', '.', ':!bench/results', ':!docs') !== '',
    node: process.version,
    machine: {
      cores: cpus().length,
      processor: cpus()[0]?.model,
      memoryGigabytes: Math.round(totalmem() / 2 ** 30),
      /** Processes that wanted a core in the five minutes before: who else was at work. */
      loadBefore: loadavg()[1],
      /** Niceness of the bench and its servers; below 0 they go before others. */
      priority: getPriority(),
    },
  }
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: packageRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown' // an installed package has no history
  }
}
