import type { BenchCase } from './cases'
import { closedLoop } from './closedLoop'
import { bodies, median } from './measure'
import { percentile } from './percentile'
import type { BenchServer } from './servers'
import type { Settings } from './settings'

/** Latency that one client sees who asks alone, milliseconds; medians of rounds. */
export interface Alone {
  readonly p50: number
  readonly p99: number
}

const rounds = 3

/** One client, one request after the other, of each server by turns. */
export async function alone(
  benchCase: BenchCase,
  servers: Readonly<Record<string, BenchServer>>,
  names: readonly string[],
  settings: Settings,
): Promise<Record<string, Alone>> {
  const all = new Map<string, Alone[]>(names.map((name) => [name, []]))
  for (let number = 1; number <= Math.min(rounds, settings.rounds); number++) {
    for (const [name, seen] of all) {
      const { url } = servers[name]
      const { latencies } = await closedLoop(
        url,
        1,
        settings.seconds,
        bodies(benchCase, number, servers[name]),
      )
      seen.push({ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) })
    }
  }
  return Object.fromEntries(
    [...all].map(([name, seen]) => [
      name,
      { p50: median(seen.map(({ p50 }) => p50)), p99: median(seen.map(({ p99 }) => p99)) },
    ]),
  )
}
