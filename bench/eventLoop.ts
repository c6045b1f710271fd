/**
 * `npm run bench:event-loop [-- --only CASE] [--load 0.8] [--seconds 3] [--quick]`: how long Presage's event loop keeps waiting
 * what falls due, while it does 80 % of what it can; by turns alone and while `slow-mlp`, which takes 30 ms and more a call, is
 * asked on a shard of its own.
 */

import { type BenchCase, cases, pickCases } from './cases'
import { closedLoop } from './closedLoop'
import { readOptions, runCommand } from './command'
import type { EventLoopResult, LoopRound } from './eventLoopResult'
import { bodies, median, mediansOf } from './measure'
import { openLoop } from './openLoop'
import { readOrigin } from './origin'
import { percentile } from './percentile'
import { printEventLoop } from './print'
import { saveBench } from './saveResults'
import type { BenchServer } from './servers'
import { full } from './settings'
import { askSlow, startWithSlowModel } from './slowModel'
import { ServerMetrics } from './stages'

const rounds = 5
const slowPerSecond = 8

async function main(): Promise<void> {
  const usual = ['messages-100', 'titles-factors-100']
  const { load, ...values } = readOptions({ only: usual, load: 0.8, seconds: 3, quick: false })
  const seconds = values.quick ? 1 : values.seconds
  const chosen = pickCases(values.only)
  if (chosen.length === 0) {
    throw new Error(`--only: must be one of ${cases.map(({ name }) => name).join(', ')}, got ${values.only}`)
  }
  const origin = readOrigin()
  const results: EventLoopResult[] = []
  for (const benchCase of chosen) {
    const result = await measure(benchCase, load, seconds, values.quick ? 1 : rounds)
    results.push(result)
    printEventLoop(result)
  }
  if (!values.quick) saveBench(origin, 'event-loop', { eventLoop: results })
}

async function measure(
  benchCase: BenchCase,
  load: number,
  seconds: number,
  count: number,
): Promise<EventLoopResult> {
  const server = await startWithSlowModel(benchCase)
  try {
    const alone: LoopRound[] = []
    const besideSlow: LoopRound[] = []
    const capacities: number[] = []
    let slowAnswers = 0
    await capacityOf(benchCase, server, seconds, 0) // warms the code, not counted
    for (let number = 1; number <= count; number++) {
      const capacity = await capacityOf(benchCase, server, seconds, 3 * number)
      capacities.push(capacity)
      const perSecond = capacity * load
      alone.push(await round(benchCase, server, perSecond, seconds, 3 * number + 1))
      const slow = askSlow(server.url, slowPerSecond, seconds)
      besideSlow.push(await round(benchCase, server, perSecond, seconds, 3 * number + 2))
      slowAnswers += await slow
    }
    const { name, title, model } = benchCase
    return {
      case: name,
      title,
      model,
      capacity: median(capacities),
      load,
      alone: { median: mediansOf(alone), rounds: alone },
      besideSlow: { median: mediansOf(besideSlow), rounds: besideSlow },
      slowAnswers,
    }
  } finally {
    server.stop()
  }
}

async function capacityOf(
  benchCase: BenchCase,
  server: BenchServer,
  seconds: number,
  number: number,
): Promise<number> {
  const load = await closedLoop(server.url, full.clients, seconds, bodies(benchCase, number, server))
  return load.requests / load.seconds
}

async function round(
  benchCase: BenchCase,
  server: BenchServer,
  perSecond: number,
  seconds: number,
  number: number,
): Promise<LoopRound> {
  let before = await ServerMetrics.read(server.url)
  const onBegin = async () => {
    before = await ServerMetrics.read(server.url)
  }
  const load = { perSecond, seconds, connections: 64, onBegin }
  const { sent, outcomes, latencies } = await openLoop(server.url, load, bodies(benchCase, number, server))
  const { eventLoopDelayP99 } = (await ServerMetrics.read(server.url)).since(before)
  return {
    delayP99: eventLoopDelayP99,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    answered: outcomes.answered / sent,
  }
}

runCommand(main)
