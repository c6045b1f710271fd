import { isMap } from '../../../lib/isMap'
import { readJson } from '../../../lib/readJson'
import { busiestMetric, busiestWaitMetric } from '../../protocol/trailers'

/**
 * What others make a server do, by the load that it tells with its answers in the form of ORCA (Open Request Cost
 * Aggregation): as text or JSON. A server that tells none counts as one that nobody else uses.
 */
export class ServerLoad {
  private told = ''
  private toldAt = Number.NEGATIVE_INFINITY
  /** Our calls that were answered since the last report, and the mean time of a call in milliseconds. */
  private calls = 0
  private meanMs = 0
  private callsOfOthers = 0
  private utilization = 0
  private lastBusiest: BusiestTold | undefined

  /** Records a call and the load that came with it. Returns whether that is new: it is measured every second or so. */
  observe(told: string | undefined, ms: number, now: number): boolean {
    this.calls++
    this.meanMs += (ms - this.meanMs) * (this.meanMs === 0 ? 1 : 0.1)
    if (told === undefined || told === this.told) return false
    const seconds = (now - this.toldAt) / 1000
    const metrics = readLoad(told)
    const ownRate = this.calls / seconds
    const rate = Math.max(0, (metrics.get('rps_fractional') ?? 0) - ownRate)
    // By Little's law. Whole calls, so that small differences do not decide where all batches go.
    this.callsOfOthers = Math.round((rate * this.meanMs) / 1000)
    this.utilization = metrics.get('application_utilization') ?? metrics.get('cpu_utilization') ?? 0
    this.lastBusiest = busiestIn(metrics)
    this.told = told
    this.toldAt = now
    this.calls = 0
    return true
  }

  /** What kept it busiest; undefined if it does not tell, nothing did, or the last report is old. */
  busiest(now: number): BusiestTold | undefined {
    return now - this.toldAt < freshMs ? this.lastBusiest : undefined
  }

  /** How many calls of others it has at once; zero if the last report is old. */
  others(now: number): number {
    return now - this.toldAt < freshMs ? this.callsOfOthers : 0
  }

  /** What its calls cost more because it is near its limit; 1 if it is not, or the last report is old. */
  strain(now: number): number {
    if (now - this.toldAt >= freshMs || this.utilization <= easyUtilization) return 1
    return (1 - easyUtilization) / (1 - Math.min(this.utilization, 0.95))
  }
}

/** A version, as `name@version`, the part of the server that it took, and how long its requests waited on average. */
export interface BusiestTold {
  readonly key: string
  readonly part: number
  readonly waitMs: number
}

/** Older reports are forgotten, so that a server that was avoided gets a call, and tells anew. */
const freshMs = 3_000
/** Up to here a server is not near its limit. */
export const easyUtilization = 0.7

/** The numbers of a report by name; empty if it is in another form. */
export function readLoad(told: string): ReadonlyMap<string, number> {
  const metrics = new Map<string, number>()
  const [, form, rest] = /^\s*(TEXT|JSON)\s*([\s\S]*)$/.exec(told) ?? []
  if (form === 'TEXT') {
    for (const pair of rest.split(',')) {
      const [name, value] = pair.split(/[=:]/)
      add(metrics, name.trim(), Number(value))
    }
  } else if (form === 'JSON') {
    const read = readJson(rest)
    if (isMap(read)) for (const [name, value] of Object.entries(read)) add(metrics, name, Number(value))
  }
  return metrics
}

function busiestIn(metrics: ReadonlyMap<string, number>): BusiestTold | undefined {
  for (const [name, part] of metrics) {
    if (!name.startsWith(busiestMetric)) continue
    const waitMs = 1000 * (metrics.get(busiestWaitMetric) ?? 0)
    return { key: name.slice(busiestMetric.length), part, waitMs }
  }
  return undefined
}

function add(metrics: Map<string, number>, name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) metrics.set(name, value)
}
