import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import type { CaseResult } from './caseResult'
import type { MemoryResult } from './memory'
import type { Origin } from './origin'
import type { Settings } from './settings'

/** Writes `bench/results/<day>-<commit>.json`: what was measured, where, and every round, so that the spread can be seen. */
export function saveResults(
  origin: Origin,
  settings: Settings,
  cases: readonly CaseResult[],
  memory: MemoryResult | undefined,
): void {
  writeResults(origin, '', { settings, cases, ...(memory && { memory }) })
}

/** Writes what a bench of its own has measured, beside the others of that commit: `bench/results/<day>-<commit>-<bench>.json`. */
export function saveBench(origin: Origin, bench: string, measured: object): void {
  writeResults(origin, `-${bench}`, measured)
}

function writeResults(origin: Origin, ending: string, measured: object): void {
  const result = { ...origin, loadAfter: loadavg()[1], ...measured }
  const folder = join(packageRoot, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const name = `${origin.date.slice(0, 10)}-${origin.commit}${ending}.json`
  writeFileSync(join(folder, name), `${JSON.stringify(result, null, 2)}\n`)
}
