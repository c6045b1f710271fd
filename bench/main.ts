/**
 * `npm run bench [-- --all] [--only NAME] [--quick]`: floors, Presage and its peers, for 1, 100 and more
 * predictions, in one run; then Presage's memory over a minute of load. Ratios are what counts: machines differ. `--only`,
 * as often as wanted, picks cases (`messages-1`, or `messages` for all whose name begins so), peers (`fastapi`) and
 * `memory`; without it the cases run that matter most, each with the peers that matter there, and with `--all` every case with every
 * peer that can answer it. `--quick` makes rounds fewer and shorter, and saves nothing.
 */

import { alone } from './alone'
import type { CaseResult } from './caseResult'
import { type BenchCase, cases, pickCases } from './cases'
import { readOptions, runCommand } from './command'
import { equalLoad } from './equalLoad'
import { measure } from './measure'
import { measureMemory } from './memory'
import { readOrigin } from './origin'
import { printCase, printMemory } from './print'
import { ratio } from './ratio'
import { rawRuntimeMicros } from './rawRuntime'
import { sameAnswers } from './sameAnswers'
import { saveResults } from './saveResults'
import { type BenchServer, canAnswer, contestants, floors, own, peers } from './servers'
import { full, quick, type Settings } from './settings'

async function main(): Promise<void> {
  const values = readOptions({ only: [], all: false, quick: false })
  const settings = values.quick ? quick : full
  const picked = pick(values.only, values.all)
  const origin = readOrigin()
  const results: CaseResult[] = []
  for (const benchCase of picked.cases) {
    const names = [...floors, own, ...picked.peersOf(benchCase)]
    const result = await runCase(benchCase, names, settings)
    results.push(result)
    printCase(result)
  }
  const memory = picked.memory ? await measureMemory() : undefined
  if (memory !== undefined) printMemory(memory)
  // Quick figures must not take the place of good ones of the same commit.
  if (!values.quick) saveResults(origin, settings, results, memory)
}

/** Names of one kind narrow that kind alone; a name that is none is refused. */
function pick(only: readonly string[], all: boolean) {
  const chosenCases = pickCases(only)
  const chosenPeers = peers.filter((name) => only.includes(name))
  const memory = only.includes('memory')
  for (const one of only) {
    if (one === 'memory' || peers.includes(one) || pickCases([one]).length > 0) continue
    const names = [...cases.map(({ name }) => name), ...peers, 'memory'].join(', ')
    throw new Error(`--only: must be one of ${names}, got ${one}`)
  }
  const usual = cases.filter((benchCase) => all || benchCase.usual !== undefined)
  const narrowed = all || chosenCases.length > 0
  return {
    cases: chosenCases.length > 0 ? chosenCases : memory ? [] : usual,
    peersOf(benchCase: BenchCase): readonly string[] {
      const named = chosenPeers.length > 0 ? chosenPeers : peers
      const { usual } = benchCase
      return named.filter((name) => {
        if (!canAnswer(name, benchCase)) return false
        return narrowed || chosenPeers.length > 0 || usual === 'all' || usual?.includes(name)
      })
    },
    memory: memory || only.length === 0,
  }
}

async function runCase(
  benchCase: BenchCase,
  names: readonly string[],
  settings: Settings,
): Promise<CaseResult> {
  const servers: Record<string, BenchServer> = {}
  try {
    for (const name of names) servers[name] = await contestants[name](benchCase)
    await sameAnswers(benchCase, servers)
    const measured = await measure(benchCase, servers, settings)
    return {
      case: benchCase.name,
      title: benchCase.title,
      model: benchCase.model,
      predictions: benchCase.rows,
      rawRunMicros: await rawRuntimeMicros(benchCase),
      servers: measured,
      ratios: Object.fromEntries(
        names.filter((name) => name !== own).map((name) => [name, ratio(measured[own], measured[name])]),
      ),
      alone: await alone(benchCase, servers, [...floors, own], settings),
      equalLoad: await equalLoad(benchCase, withoutFloors(servers), own, measured, settings),
    }
  } finally {
    for (const server of Object.values(servers)) server.stop()
  }
}

/** They have no queue that would be worth a look. */
function withoutFloors(servers: Readonly<Record<string, BenchServer>>): Record<string, BenchServer> {
  return Object.fromEntries(Object.entries(servers).filter(([name]) => !floors.includes(name)))
}

runCommand(main)
