import type { BenchCase } from './cases'
import { closedLoop } from './closedLoop'
import { assertInferred } from './inferredRows'
import { percentile } from './percentile'
import { cpuSecondsOf, residentMegabytesOf } from './processTree'
import type { BenchServer } from './servers'
import type { Settings } from './settings'
import { ServerMetrics, type Stages } from './stages'

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
  /** Where the server tells of it, as Presage does. */
  readonly stages?: Stages
}

/** All but what not everybody tells. */
type CommonFigures = Omit<Figures, 'stages'>

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
  const told = server.inferredRows && (await ServerMetrics.read(server.url))
  const before = cpuSecondsOf(server.pids)
  const { requests, seconds, latencies } = await closedLoop(
    server.url,
    settings.clients,
    settings.seconds,
    bodies(benchCase, number, server),
  )
  const cpu = cpuSecondsOf(server.pids) - before
  const rowsAfter = await server.inferredRows?.(benchCase)
  const stages = told && (await ServerMetrics.read(server.url)).since(told)
  if (rowsBefore !== undefined && rowsAfter !== undefined)
    assertInferred(benchCase, requests, rowsAfter - rowsBefore)
  return {
    requestsPerSecond: requests / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    p999: percentile(latencies, 0.999),
    cpuMicros: (cpu / requests) * 1e6,
    predictionsPerCpuSecond: (requests * benchCase.rows) / cpu,
    ...(stages && { stages }),
  }
}

/** Bodies of a round's requests: others in every round. */
export function bodies(
  { query, text, variables }: BenchCase,
  round: number,
  { protocol }: Pick<BenchServer, 'protocol'> = {},
): (n: number) => string {
  return (n) => {
    const number = round * 100_003 + n
    const values = variables(number)
    return protocol?.body(values) ?? JSON.stringify({ query: text?.(number) ?? query, variables: values })
  }
}

function medians(all: readonly Figures[]): Figures {
  const common = mediansOf<CommonFigures>(all.map(({ stages: _, ...one }) => one))
  const stages = all.flatMap(({ stages }) => stages ?? [])
  return stages.length === 0 ? common : { ...common, stages: mediansOf(stages) }
}

/** Figure by figure, of at least one. */
export function mediansOf<Numbers extends { readonly [K in keyof Numbers]: number }>(
  all: readonly Numbers[],
): Numbers {
  const keys = Object.keys(all[0]) as (keyof Numbers)[]
  return Object.fromEntries(keys.map((key) => [key, median(all.map((one) => one[key]))])) as Numbers
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1]
}
