/**
 * `npm run bench:model-load [-- --quick]`: what clients of one model notice while versions come and go. The example service under a steady load
 * (open loop), into whose watched repository a version is copied: of the model that is asked, or of another with a large graph. Latency
 * while nothing happens, while it comes, and while workers are renewed after it was removed, by turns. `--quick` makes
 * rounds fewer, and saves nothing.
 */

import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { writeConfig } from '../tests/support/serverProcess'
import { cases } from './cases'
import { bodies, median } from './measure'
import { type Phases, runPhases, type Window } from './modelLoadPhases'
import { ModelLoadRepository } from './modelLoadRepository'
import { readOrigin } from './origin'
import { saveBench } from './saveResults'
import { startPresage } from './servers'
import { type Spread, spreadOf } from './spread'
import { type Answered, steadyLoad } from './steadyLoad'
import { stopped } from './stopped'

const workers = 2
const benchCase = cases.find(({ name }) => name === 'titles-100')!
const perSecond = 400

const calmSeconds = 2

/** What is copied, by turns. */
const arrivals: Readonly<Record<string, string>> = {
  'another version of the same model': 'rating-predictor@4',
  'a version of another model': 'title-search@2',
}

const phases = ['calm', 'coming', 'loading', 'renewing'] as const
type Phase = (typeof phases)[number]
type Latencies = Readonly<Record<Phase, Spread>>

interface Told {
  /** Milliseconds; of all rounds together. */
  readonly all: Latencies
  readonly rounds: readonly Latencies[]
  /** p99 over the calm one's: of all rounds together, and of single rounds. */
  readonly ratios: Readonly<Record<Exclude<Phase, 'calm'>, RatioOfRounds>>
}

interface RatioOfRounds {
  readonly all: number
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
  const origin = readOrigin()
  const rounds = values.quick ? 1 : 9
  const repository = new ModelLoadRepository()
  const config = writeConfig(({ shards, repositories }) => ({
    repositories: [...repositories.slice(0, 1), repository.root],
    models: { watch: true, poll: 60_000 },
    shards: { main: { ...shards.main, workers } },
  }))
  const answers: Answered[] = []
  const seen = new Map<string, Phases[]>(Object.keys(arrivals).map((name) => [name, []]))
  const server = await startPresage(undefined, config)
  try {
    const load = steadyLoad(server.url, perSecond, bodies(benchCase, 1), (answer) => answers.push(answer))
    await wait(6_000) // warms the code
    for (let round = 0; round < rounds; round++) {
      for (const [name, version] of Object.entries(arrivals)) {
        seen.get(name)?.push(await runPhases({ server, workers, repository }, version, calmSeconds))
      }
    }
    await load.stop()
  } finally {
    await stopped(server)
    repository.dispose()
    rmSync(dirname(config), { recursive: true })
  }
  const failure = answers.find(({ problem }) => problem !== undefined)
  if (failure) throw new Error(`no request may fail, got ${failure.problem}`)
  const results = Object.fromEntries([...seen].map(([name, all]) => [name, told(all, answers)]))
  for (const [name, result] of Object.entries(results)) print(name, arrivals[name], result)
  const settings = { case: benchCase.name, perSecond, workers, rounds, calmSeconds, arrivals }
  if (!values.quick) saveBench(origin, 'model-load', { settings, requests: answers.length, results })
}

function told(all: readonly Phases[], answers: readonly Answered[]): Told {
  const latencies = (windows: readonly Window[]) =>
    spreadOf(
      answers
        .filter(({ sentAt }) => windows.some(({ from, to }) => sentAt >= from && sentAt < to))
        .map(({ sentAt, endedAt }) => endedAt - sentAt),
    )
  const of = (some: readonly Phases[]) =>
    Object.fromEntries(
      phases.map((phase) => [phase, latencies(some.map((one) => one[phase]))]),
    ) as unknown as Latencies
  const rounds = all.map((one) => of([one]))
  const together = of(all)
  const ratio = (phase: Exclude<Phase, 'calm'>): RatioOfRounds => {
    const single = rounds.map((round) => round[phase].p99 / round.calm.p99)
    const overall = together[phase].p99 / together.calm.p99
    return { all: overall, median: median(single), lowest: Math.min(...single), highest: Math.max(...single) }
  }
  const ratios = { coming: ratio('coming'), loading: ratio('loading'), renewing: ratio('renewing') }
  return { all: together, rounds, ratios }
}

function print(name: string, version: string, { all, rounds, ratios }: Told): void {
  console.log(`${name}: ${version} again, ${benchCase.name} at ${perSecond} requests/s`)
  for (const phase of phases) {
    const { p50, p99, max, count } = all[phase]
    const each = rounds.map((round) => round[phase].p99.toFixed(1)).join(', ')
    const ratio = phase === 'calm' ? undefined : ratios[phase]
    const compared = ratio
      ? `  ${ratio.all.toFixed(2)} times (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`
      : ''
    console.log(
      `  ${phase.padEnd(9)} ${String(count).padStart(6)} requests  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms (${each})  max ${max.toFixed(1)} ms${compared}`,
    )
  }
  console.log('')
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
