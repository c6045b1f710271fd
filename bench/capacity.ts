import type { BenchCase } from './cases'
import { closedLoop } from './closedLoop'
import { bodies } from './measure'
import { type OpenLoopResult, openLoop } from './openLoop'
import { cpuSecondsOf } from './processTree'
import type { BenchServer } from './servers'

export interface Load {
  /** The rate over the capacity. */
  readonly times: number
  readonly deadlineMs: number
  /** Of a round. */
  readonly seconds: number
}

/** So many that each batch is as full as batches become; and not so many that they themselves would be an overload. */
const clients = 32
/** Of those who do not wait: more than a server has inside at any time. */
export const connections = 512

export interface Capacity {
  readonly perSecond: number
  /** CPU of an answer where requests come at a constant rate that can be answered. */
  readonly cpuMicros: number
}

/** Of the capacity: so near it that batches are full, and so far that nothing is refused. */
const borne = 0.8

/**
 * What clients get who wait for their answers; and what an answer takes where they do not wait. In a closed loop it takes less, since requests
 * come together as answers do, and that is nothing that refusals could be charged with.
 */
export async function atCapacity(
  benchCase: BenchCase,
  server: BenchServer,
  { deadlineMs, seconds }: Omit<Load, 'times'>,
  number: number,
): Promise<Capacity> {
  const { requests, seconds: taken } = await closedLoop(
    server.url,
    clients,
    seconds,
    bodies(benchCase, number),
  )
  const perSecond = requests / taken
  const load = { perSecond: perSecond * borne, deadlineMs, seconds }
  const { outcomes, cpuSeconds } = await costAtRate(benchCase, server, load, number + 1)
  return { perSecond, cpuMicros: (cpuSeconds / Math.max(1, outcomes.answered)) * 1e6 }
}

/** What became of requests at a constant rate, and the CPU that they took of the server. */
export interface RateCost extends OpenLoopResult {
  readonly cpuSeconds: number
}

/** Each request has `deadlineMs`; `onBegin` is called when the load is about to begin. */
export async function costAtRate(
  benchCase: BenchCase,
  server: BenchServer,
  { perSecond, deadlineMs, seconds }: Omit<Load, 'times'> & { readonly perSecond: number },
  number: number,
  onBegin?: () => Promise<void>,
): Promise<RateCost> {
  let before = 0
  const load = {
    perSecond,
    seconds,
    headers: timeout(deadlineMs),
    connections,
    onBegin: async () => {
      await onBegin?.()
      before = cpuSecondsOf(server.pids)
    },
  }
  const result = await openLoop(server.url, load, bodies(benchCase, number))
  return { ...result, cpuSeconds: cpuSecondsOf(server.pids) - before }
}

function timeout(deadlineMs: number): Readonly<Record<string, string>> {
  return { 'x-presage-timeout-ms': String(deadlineMs) }
}
