import { getOrMake } from '../lib/groups'
import type { CounterReading, HistogramReading } from '../lib/metricReadings'
import type { Counter, Histogram } from '../lib/metrics'

/*
 * prom-client builds a text of the labels whenever a series counts, which costs more than the counting. Our series only
 * add, and the registry reads them at scrape time.
 */

export type Labels = Readonly<Record<string, string>>

/** The series of one name, by their labels. */
export class Family<Series extends object> {
  private readonly byLabels = new Map<string, Series>()

  constructor(private readonly make: (labels: Labels) => Series) {}

  /** The same series for the same labels. */
  labels(labels: Labels): Series {
    return getOrMake(this.byLabels, JSON.stringify(labels), () => this.make(labels))
  }

  all(): readonly Series[] {
    return [...this.byLabels.values()]
  }
}

export class CounterSeries implements Counter, CounterReading {
  total = 0

  constructor(readonly labels: Labels) {}

  inc(by = 1): void {
    this.total += by
  }
}

export class HistogramSeries implements Histogram, HistogramReading {
  /** Each observation is in the first bucket that it fits. */
  readonly counts: Float64Array
  private sum = 0
  count = 0

  constructor(
    readonly labels: Labels,
    readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]) bucket++
    this.counts[bucket]++
    this.count++
    this.sum += value
  }

  /** In the form of Prometheus: each bucket includes those below it. Empty if nothing was observed. */
  values(name: string): HistogramValue[] {
    const { labels, bounds, counts, count, sum } = this
    if (count === 0) return []
    let below = 0
    const values: HistogramValue[] = Array.from(counts, (own, bucket) => {
      below += own
      const le = bucket < bounds.length ? bounds[bucket] : '+Inf'
      return { labels: { le, ...labels }, value: below, metricName: `${name}_bucket` }
    })
    values.push({ labels, value: sum, metricName: `${name}_sum` })
    values.push({ labels, value: count, metricName: `${name}_count` })
    return values
  }
}

/** One line of the text. */
export interface HistogramValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName: string
}
