import type { BenchCase } from './cases'
import { bodies, type Measured, mediansOf } from './measure'
import { openLoop } from './openLoop'
import { percentile } from './percentile'
import type { BenchServer } from './servers'
import type { Settings } from './settings'

/** Latency at a constant rate, milliseconds from when a request was to be sent; medians of rounds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** The share of requests that were answered, from 0 to 1. */
  readonly answered: number
  /** How late the load itself was with one request in a hundred, milliseconds; part of the others. */
  readonly lateP99: number
}

/** Presage and another under the same load. */
export interface EqualLoad {
  readonly perSecond: number
  readonly own: Latency
  readonly other: Latency
}

/** Of what the slower of two can do: a server near its limit says more of the limit than of itself. */
const share = 0.6
const connections = 32
const rounds = 7

/**
 * Compares one server with each of the others at a rate that both can keep, in random arrivals: by turns, in the same rounds. `measured` tells what
 * each can do.
 */
export async function equalLoad(
  benchCase: BenchCase,
  servers: Readonly<Record<string, BenchServer>>,
  own: string,
  measured: Readonly<Record<string, Measured>>,
  settings: Settings,
): Promise<Record<string, EqualLoad>> {
  const loads: Record<string, EqualLoad> = {}
  for (const other of Object.keys(servers).filter((name) => name !== own)) {
    const most = Math.min(...[own, other].map((name) => measured[name].median.requestsPerSecond))
    const perSecond = most * share
    const all: { own: Latency; other: Latency }[] = []
    for (let number = 1; number <= Math.min(rounds, settings.rounds); number++) {
      const load = (name: string) =>
        atRate(benchCase, servers[name], { perSecond, seconds: settings.seconds, connections }, number)
      const first = number % 2 === 1
      const before = await load(first ? own : other)
      const after = await load(first ? other : own)
      all.push(first ? { own: before, other: after } : { own: after, other: before })
    }
    loads[other] = {
      perSecond,
      own: mediansOf(all.map((round) => round.own)),
      other: mediansOf(all.map((round) => round.other)),
    }
  }
  return loads
}

async function atRate(
  benchCase: BenchCase,
  server: BenchServer,
  load: { perSecond: number; seconds: number; connections: number },
  number: number,
): Promise<Latency> {
  // Other questions than the closed loop's rounds.
  const { sent, outcomes, latencies, lateP99 } = await openLoop(
    server.url,
    // Both are asked at the same times.
    { ...load, seed: number },
    bodies(benchCase, 100 + number, server),
  )
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    p999: percentile(latencies, 0.999),
    answered: outcomes.answered / sent,
    lateP99,
  }
}
