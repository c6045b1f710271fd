import { Fleet, type FleetOptions } from './fleet'
import type { Trouble } from './troubles'
import { VirtualTime } from './virtualTime'

/** What a fleet did while something happened. Times are milliseconds. */
export interface Trial {
  readonly asked: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly longest: number
  /** The share of requests that were answered in time. */
  readonly goodput: number
  /** The same of tenants that asked no more than usual. */
  readonly others: { readonly p99: number; readonly goodput: number }
  /** By error code. */
  readonly failed: ReadonlyMap<string, number>
  readonly rowsPerRun: number
  /** Servers that hold the most popular version, and the mean over versions. */
  readonly hotCopies: number
  readonly meanCopies: number
  /** The share of their time in which servers run models: the mean, and of the busiest. */
  readonly load: number
  readonly mostLoad: number
  /** The share of their time in which gateways work, on average. */
  readonly gatewayLoad: number
  readonly loads: number
}

/** Until the first copies have come and all that is learned is learned. */
const warmUpMs = 5_000

/** Throws if a request was never answered. */
export async function runTrial(options: FleetOptions, trouble: Trouble, seed: number): Promise<Trial> {
  const time = new VirtualTime(seed)
  const fleet = new Fleet(time, options)
  await fleet.start()
  await fleet.ask(warmUpMs)
  fleet.count()
  const began = time.now()
  const before = fleet.servers.map(({ done }) => ({ ...done }))
  const busyBefore = sum(fleet.gateways.map(({ busyMs }) => busyMs))
  await trouble.happen(fleet)
  const ms = time.now() - began
  const loads = fleet.servers.map(
    ({ done }, at) => (done.busyMs - before[at].busyMs) / ms / options.server.cores,
  )
  const busyMs = sum(fleet.gateways.map((gateway) => gateway.busyMs)) - busyBefore
  const copies = fleet.keys.map((key) => fleet.holdersOf(key).length)
  const total = (what: 'rows' | 'runs' | 'loads') =>
    sum(fleet.servers.map(({ done }, at) => done[what] - before[at][what]))
  await fleet.stop(options.timeoutMs + 1_000)
  const { outcomes } = fleet
  if (outcomes.settled !== outcomes.asked)
    throw new Error(`${outcomes.asked} requests were sent, ${outcomes.settled} are answered`)
  return {
    asked: outcomes.asked,
    ...outcomes.percentiles(),
    goodput: outcomes.inTime / outcomes.asked,
    others: {
      p99: outcomes.percentilesOfOthers().p99,
      goodput: outcomes.others.inTime / outcomes.others.asked,
    },
    failed: outcomes.failed,
    rowsPerRun: total('rows') / total('runs'),
    hotCopies: copies[0],
    meanCopies: sum(copies) / copies.length,
    load: sum(loads) / loads.length,
    mostLoad: Math.max(...loads),
    gatewayLoad: busyMs / ms / options.gateways,
    loads: total('loads'),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
