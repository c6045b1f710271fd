import type { BenchCase } from './cases'
import { closedLoop } from './closedLoop'
import { assertInferred } from './inferredRows'
import { cpuSecondsOf, residentMegabytesOf } from './processTree'
import type { BenchServer } from './servers'
import type { Settings } from './settings'

/** What one round of load says of a server. */
export interface Figures {
  readonly requestsPerSecond: number
  /** Latency in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** CPU of the server's processes, in microseconds a request. */
  readonly cpuMicros: number
  /** Predictions for each second of CPU that the server's processes used. */
  readonly predictionsPerCpuSecond: number
}

export interface Measured {
  /** Median of the rounds, figure by figure. */
  readonly median: Figures
  readonly rounds: readonly Figures[]
  /** Of all its processes, when the rounds were over. */
  readonly residentMegabytes: number
}

/**
 * Loads the servers by turns, so that what else the machine does falls on all of them; every second time round in reverse, so
 * that none always follows the same other. Throws where a server can tell that not every prediction was made.
 */
export async function measure(
  benchCase: BenchCase,
  servers: Readonly<Record<string, BenchServer>>,
  settings: Settings,
): Promise<Record<string, Measured>> {
  const entries = Object.entries(servers)
  const rounds = new Map<string, Figures[]>(entries.map(([name]) => [name, []]))
  for (const [, server] of entries) await round(benchCase, server, settings, 0) // warms the code, not counted
  for (let number = 1; number <= settings.rounds; number++) {
    const turn = number % 2 === 1 ? entries : [...entries].reverse()
    for (const [name, server] of turn)
      rounds.get(name)?.push(await round(benchCase, server, settings, number))
  }
  return Object.fromEntries(
    entries.map(([name, { pids }]) => {
      const all = rounds.get(name) ?? []
      return [name, { median: medians(all), rounds: all, residentMegabytes: residentMegabytesOf(pids) }]
    }),
  )
}

async function round(
  benchCase: BenchCase,
  server: BenchServer,
  settings: Settings,
  number: number,
): Promise<Figures> {
  const rowsBefore = await server.inferredRows?.(benchCase)
  const before = cpuSecondsOf(server.pids)
  const { requests, seconds, latencies } = await closedLoop(
    server.url,
    settings.clients,
    settings.seconds,
    bodies(benchCase, number),
  )
  const cpu = cpuSecondsOf(server.pids) - before
  const rowsAfter = await server.inferredRows?.(benchCase)
  if (rowsBefore !== undefined && rowsAfter !== undefined)
    assertInferred(benchCase, requests, rowsAfter - rowsBefore)
  return {
    requestsPerSecond: requests / seconds,
    p50: latencies[Math.floor(requests * 0.5)],
    p99: latencies[Math.floor(requests * 0.99)],
    p999: latencies[Math.floor(requests * 0.999)],
    cpuMicros: (cpu / requests) * 1e6,
    predictionsPerCpuSecond: (requests * benchCase.rows) / cpu,
  }
}

/** Bodies of a round's requests: others in every round. */
export function bodies({ query, variables }: BenchCase, round: number): (n: number) => string {
  return (n) => JSON.stringify({ query, variables: variables(round * 100_003 + n) })
}

function medians(all: readonly Figures[]): Figures {
  const keys = Object.keys(all[0]) as (keyof Figures)[]
  return Object.fromEntries(
    keys.map((key) => [key, median(all.map((one) => one[key]))]),
  ) as unknown as Figures
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1]
}
