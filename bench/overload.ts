/**
 * `npm run bench:overload [-- --only CASE] [--times 2] [--deadline 50] [--seconds 3] [--quick]`: what is left of Presage when it is asked
 * for more than it can do. How much it can is found by clients that wait for their answers; then requests come at a constant
 * rate of `--times` as much, each with `--deadline` milliseconds to be answered. Both are asked by the same client, which takes
 * little of the machine that it shares with the server. The hand-written endpoint goes through the same by turns, refusing by a counter: the floor. What
 * a refusal takes at least is asked of one that refuses whoever comes, by clients that come again at once.
 */

import { atCapacity, type Capacity, connections, costAtRate, type Load, type RateCost } from './capacity'
import { type BenchCase, pickCases } from './cases'
import { closedLoop } from './closedLoop'
import { readOptions, runCommand } from './command'
import { assertInferred } from './inferredRows'
import { bodies, median, mediansOf } from './measure'
import { readOrigin } from './origin'
import type { OverloadResult, OverloadRound } from './overloadResult'
import { percentile } from './percentile'
import { printOverload } from './print'
import { cpuSecondsOf } from './processTree'
import { saveBench } from './saveResults'
import { type BenchServer, startPresageFor, startRefusing } from './servers'

const rounds = 5
/** So many may be inside the hand-written endpoint: the best of 32, 64 and 128, and far from the deadline. */
const mostByHand = 64

async function main(): Promise<void> {
  const usual = ['messages-100', 'titles-100', 'titles-1000']
  const values = readOptions({ only: usual, times: 2, deadline: 50, seconds: 3, quick: false })
  const load: Load = {
    times: values.times,
    deadlineMs: Math.ceil(values.deadline),
    seconds: values.quick ? 1 : values.seconds,
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

/** Rounds at capacity and beyond it by turns, so that all have the machine as it is. */
async function overload(benchCase: BenchCase, load: Load, count: number): Promise<OverloadResult> {
  const servers: BenchServer[] = []
  try {
    servers.push(await startPresageFor(benchCase))
    servers.push(await startRefusing(benchCase, mostByHand))
    const contestants = [...servers]
    const refusing = await startRefusing(benchCase, 0)
    servers.push(refusing)
    const all: OverloadRound[][] = contestants.map(() => [])
    const refusals: number[] = []
    // The first is not counted: it warms the code, that of refusals too.
    for (let number = 0; number <= count; number++) {
      for (const [at, server] of contestants.entries()) {
        const capacity = await atCapacity(benchCase, server, load, 3 * number + 1)
        const round = await beyond(benchCase, server, capacity, load, 3 * number + 3)
        if (number > 0) all[at].push(round)
      }
      const micros = await refusalsAlone(benchCase, refusing, load.seconds)
      if (number > 0) refusals.push(micros)
    }
    const [presage, handwritten] = all.map((rounds) => ({ median: mediansOf(rounds), rounds }))
    const { name, title } = benchCase
    const { times, deadlineMs } = load
    const refusal = { median: median(refusals), rounds: refusals }
    return { case: name, title, times, deadlineMs, presage, handwritten, refusal }
  } finally {
    for (const server of servers) server.stop()
  }
}

async function beyond(
  benchCase: BenchCase,
  server: BenchServer,
  capacity: Capacity,
  { times, deadlineMs, seconds }: Load,
  number: number,
): Promise<OverloadRound> {
  const load = { perSecond: capacity.perSecond * times, deadlineMs, seconds }
  let rowsBefore = 0
  const result = await costAtRate(benchCase, server, load, number, async () => {
    rowsBefore = (await server.inferredRows?.(benchCase)) ?? 0
  })
  const rowsAfter = await server.inferredRows?.(benchCase)
  const { outcomes, strange } = result
  if (outcomes.failed > 0) throw new Error(`${benchCase.name}: an answer that is none: ${strange}`)
  if (rowsAfter !== undefined) assertInferred(benchCase, outcomes.answered, rowsAfter - rowsBefore)
  return figures(result, capacity, deadlineMs)
}

/** CPU of each refusal by a server that does nothing else and has never time to rest, in microseconds. */
async function refusalsAlone(benchCase: BenchCase, server: BenchServer, seconds: number): Promise<number> {
  const before = cpuSecondsOf(server.pids)
  const { requests } = await closedLoop(server.url, connections, seconds, bodies(benchCase, 1), ['refused'])
  return ((cpuSecondsOf(server.pids) - before) / requests) * 1e6
}

function figures(result: RateCost, capacity: Capacity, deadlineMs: number): OverloadRound {
  const { sent, seconds, outcomes, sinceSent, lateP99, cpuSeconds: cpu } = result
  const { answered, refused } = outcomes
  // That the load itself was late is nothing that a server can make up for.
  const inTime = sinceSent.filter((latency) => latency <= deadlineMs).length
  // What the load took beyond what so many answers take just below capacity; lost work is in it as well.
  const onRefusals = Math.max(0, cpu - (answered * capacity.cpuMicros) / 1e6)
  return {
    capacity: capacity.perSecond,
    offered: sent / seconds,
    inTimePerSecond: inTime / seconds,
    goodput: inTime / seconds / capacity.perSecond,
    admittedInTime: sent === refused ? 0 : inTime / (sent - refused),
    refused: refused / sent,
    expired: outcomes.expired / sent,
    p50: percentile(sinceSent, 0.5),
    p99: percentile(sinceSent, 0.99),
    refusalCpuMicros: refused === 0 ? 0 : (onRefusals / refused) * 1e6,
    refusalCpuShare: cpu === 0 ? 0 : onRefusals / cpu,
    loadLateP99: lateP99,
  }
}

runCommand(main)
