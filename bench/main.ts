/**
 * `npm run bench [-- --only NAME]`: a hand-written endpoint, Presage and its peers, for 1 and 100 predictions, in one
 * run; then Presage's memory over a minute of load. Ratios are what counts: machines differ. `--only`, as often as
 * wanted, picks cases (`messages-1`, or `messages` for all whose name begins so), peers (`fastapi`) and `memory`.
 */
import { parseArgs } from 'node:util'
import type { CaseResult } from './caseResult'
import { type BenchCase, cases } from './cases'
import { type Measured, measure } from './measure'
import { measureMemory } from './memory'
import { readOrigin } from './origin'
import { printCase, printMemory } from './print'
import { rawRuntimeMicros } from './rawRuntime'
import { sameAnswers } from './sameAnswers'
import { saveResults } from './saveResults'
import { type BenchServer, contestants, floor, own, peers } from './servers'

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } })
  const picked = pick(values.only)
  const origin = readOrigin()
  const results: CaseResult[] = []
  for (const benchCase of picked.cases) {
    const result = await runCase(benchCase, [floor, own, ...picked.peers])
    results.push(result)
    printCase(result)
  }
  const memory = picked.memory ? await measureMemory() : undefined
  if (memory !== undefined) printMemory(memory)
  saveResults(origin, results, memory)
}

/** Names of one kind narrow that kind alone; a name that is none is refused. */
function pick(only: readonly string[]) {
  const chosenCases = cases.filter(({ name }) => only.some((one) => isCalled(name, one)))
  const chosenPeers = peers.filter((name) => only.includes(name))
  const memory = only.includes('memory')
  for (const one of only) {
    if (one === 'memory' || peers.includes(one) || cases.some(({ name }) => isCalled(name, one))) continue
    const names = [...cases.map(({ name }) => name), ...peers, 'memory'].join(', ')
    throw new Error(`--only: must be one of ${names}, got ${one}`)
  }
  return {
    cases: chosenCases.length > 0 ? chosenCases : memory ? [] : cases,
    peers: chosenPeers.length > 0 ? chosenPeers : peers,
    memory: memory || only.length === 0,
  }
}

function isCalled(name: string, wanted: string): boolean {
  return name === wanted || name.startsWith(`${wanted}-`)
}

async function runCase(benchCase: BenchCase, names: readonly string[]): Promise<CaseResult> {
  const servers: Record<string, BenchServer> = {}
  try {
    for (const name of names) servers[name] = await contestants[name](benchCase)
    await sameAnswers(benchCase, servers)
    const measured = await measure(benchCase, servers)
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
    }
  } finally {
    for (const server of Object.values(servers)) server.stop()
  }
}

function ratio(presage: Measured, other: Measured): CaseResult['ratios'][string] {
  const rounds = presage.rounds.map(
    (figures, at) => figures.predictionsPerCpuSecond / other.rounds[at].predictionsPerCpuSecond,
  )
  return {
    median: presage.median.predictionsPerCpuSecond / other.median.predictionsPerCpuSecond,
    lowest: Math.min(...rounds),
    highest: Math.max(...rounds),
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
