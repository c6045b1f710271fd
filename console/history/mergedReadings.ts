import type { CounterReading, GaugeReading, HistogramReading, MetricReadings } from '../../lib/metricReadings'
import { keptMetrics } from '../metrics/keptMetrics'
import type { Increase } from './increases'

/** The sums of what several processes have counted. */
export class MergedReadings implements MetricReadings {
  /** By name, then by labels. */
  private readonly families = new Map<string, Map<string, MergedSeries>>()

  add(increases: readonly Increase[]): void {
    for (const { name, bounds, series } of increases) {
      let family = this.families.get(name)
      if (family === undefined) {
        family = new Map()
        this.families.set(name, family)
      }
      for (const { labels, by } of series) {
        const key = JSON.stringify(labels)
        let merged = family.get(key)
        if (merged === undefined) {
          merged = new MergedSeries(labels, by.length, bounds)
          family.set(key, merged)
        }
        merged.add(by)
      }
    }
  }

  /** Before each round: gauges are the sums of those that answer in it. */
  clearGauges(): void {
    for (const { name, kind } of keptMetrics.values())
      if (kind === 'gauge') for (const series of this.all(name)) series.clear()
  }

  counters(name: string): Iterable<CounterReading> {
    return this.all(name)
  }

  histograms(name: string): Iterable<HistogramReading> {
    return this.all(name)
  }

  gauges(name: string): Iterable<GaugeReading> {
    return this.all(name)
  }

  private all(name: string): Iterable<MergedSeries> {
    return this.families.get(name)?.values() ?? []
  }
}

class MergedSeries implements CounterReading, HistogramReading, GaugeReading {
  readonly counts: Float64Array
  count = 0

  constructor(
    readonly labels: Readonly<Record<string, string>>,
    width: number,
    readonly bounds: readonly number[] = [],
  ) {
    this.counts = new Float64Array(width)
  }

  get total(): number {
    return this.counts[0]
  }

  read(): number {
    return this.counts[0]
  }

  add(by: readonly number[]): void {
    for (const [place, value] of by.entries()) {
      this.counts[place] += value
      this.count += value
    }
  }

  clear(): void {
    this.counts.fill(0)
  }
}
