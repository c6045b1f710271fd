/**
 * `npm run bench:overload [-- --only CASE] [--times 2] [--deadline 50] [--seconds 3] [--quick]`: what is left of Presage when it is asked
 * for more than it can do. How much it can is found by clients that wait for their answers; then requests come at a constant
 * rate of `--times` as much, each with `--deadline` milliseconds to be answered.
 */
import { parseArgs } from 'node:util'
import { type BenchCase, pickCases } from './cases'
import { closedLoop } from './closedLoop'
import { assertInferred } from './inferredRows'
import { bodies, mediansOf } from './measure'
import { type OpenLoopResult, openLoop } from './openLoop'
import { readOrigin } from './origin'
import type { OverloadResult, OverloadRound } from './overloadResult'
import { percentile } from './percentile'
import { printOverload } from './print'
import { cpuSecondsOf } from './processTree'
import { saveBench } from './saveResults'
import { type BenchServer, startPresageFor } from './servers'
import { readPositive } from './settings'

const rounds = 5
/** So many that each batch is as full as batches become; and not so many that they themselves would be an overload. */
const clients = 32

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: ['messages-100', 'titles-100', 'titles-1000'] },
      times: { type: 'string', default: '2' },
      deadline: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
    },
  })
  const load: Load = {
    times: readPositive('--times', values.times),
    deadlineMs: Math.ceil(readPositive('--deadline', values.deadline)),
    seconds: values.quick ? 1 : readPositive('--seconds', values.seconds),
  }
  const chosen = pickCases(values.only)
  if (chosen.length === 0) throw new Error(`--only: must name a case, got ${values.only.join(', ')}`)
  const origin = readOrigin()
  const results: OverloadResult[] = []
  for (const benchCase of chosen) {
    const result = await overload(benchCase, load, values.quick ? 1 : rounds)
    results.push(result)
    printOverload(result)
  }
  if (!values.quick) saveBench(origin, 'overload', { overload: results })
}

interface Load {
  /** The rate over the capacity. */
  readonly times: number
  readonly deadlineMs: number
  /** Of a round. */
  readonly seconds: number
}

/** Rounds at capacity and beyond it by turns, so that both have the machine as it is. */
async function overload(benchCase: BenchCase, load: Load, count: number): Promise<OverloadResult> {
  const { seconds } = load
  const server = await startPresageFor(benchCase)
  try {
    // Not counted: they warm the code, that of refusals too.
    await beyond(benchCase, server, await atCapacity(benchCase, server, seconds, 1_000), load, 1_001)
    const all: OverloadRound[] = []
    for (let number = 1; number <= count; number++) {
      const capacity = await atCapacity(benchCase, server, seconds, 2 * number - 1)
      all.push(await beyond(benchCase, server, capacity, load, 2 * number))
    }
    return {
      case: benchCase.name,
      title: benchCase.title,
      times: load.times,
      deadlineMs: load.deadlineMs,
      median: mediansOf(all),
      rounds: all,
    }
  } finally {
    server.stop()
  }
}

interface Capacity {
  readonly perSecond: number
  readonly cpuMicros: number
}

async function atCapacity(
  benchCase: BenchCase,
  server: BenchServer,
  seconds: number,
  number: number,
): Promise<Capacity> {
  const before = cpuSecondsOf(server.pids)
  const load = await closedLoop(server.url, clients, seconds, bodies(benchCase, number))
  const cpu = cpuSecondsOf(server.pids) - before
  return { perSecond: load.requests / load.seconds, cpuMicros: (cpu / load.requests) * 1e6 }
}

async function beyond(
  benchCase: BenchCase,
  server: BenchServer,
  capacity: Capacity,
  { times, deadlineMs, seconds }: Load,
  number: number,
): Promise<OverloadRound> {
  let rowsBefore = 0
  let before = 0
  const load = {
    perSecond: capacity.perSecond * times,
    seconds,
    headers: { 'x-presage-timeout-ms': String(deadlineMs) },
    connections: 512,
    onBegin: async () => {
      rowsBefore = (await server.inferredRows?.(benchCase)) ?? 0
      before = cpuSecondsOf(server.pids)
    },
  }
  const result = await openLoop(server.url, load, bodies(benchCase, number))
  const cpu = cpuSecondsOf(server.pids) - before
  const rows = ((await server.inferredRows?.(benchCase)) ?? 0) - rowsBefore
  const { outcomes, strange } = result
  if (outcomes.failed > 0) throw new Error(`${benchCase.name}: an answer that is none: ${strange}`)
  assertInferred(benchCase, outcomes.answered, rows)
  return figures(result, capacity, cpu, deadlineMs)
}

function figures(result: OpenLoopResult, capacity: Capacity, cpu: number, deadlineMs: number): OverloadRound {
  const { sent, seconds, outcomes, latencies, lateP99 } = result
  const { answered, refused } = outcomes
  const inTime = latencies.filter((latency) => latency <= deadlineMs).length
  // What the load took beyond what so many answers take at capacity; lateness and lost work are in it as well.
  const onRefusals = Math.max(0, cpu - (answered * capacity.cpuMicros) / 1e6)
  return {
    capacity: capacity.perSecond,
    offered: sent / seconds,
    inTimePerSecond: inTime / seconds,
    goodput: inTime / seconds / capacity.perSecond,
    admittedInTime: sent === refused ? 0 : inTime / (sent - refused),
    refused: refused / sent,
    expired: outcomes.expired / sent,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    refusalCpuMicros: refused === 0 ? 0 : (onRefusals / refused) * 1e6,
    refusalCpuShare: cpu === 0 ? 0 : onRefusals / cpu,
    loadLateP99: lateP99,
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
