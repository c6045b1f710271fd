import { getOrMake } from '../../lib/groups'
import type { HistogramReading, MetricReadings } from '../../lib/metricReadings'
import { type KeptMetric, keptMetrics } from '../metrics/keptMetrics'

/** What has happened to the series of one metric; plain data, which is sent between processes. */
export interface Increase {
  readonly name: string
  /** Of a histogram, the upper bounds of its buckets. */
  readonly bounds?: readonly number[]
  /** Only those with a value that is not zero. */
  readonly series: readonly SeriesIncrease[]
}

interface SeriesIncrease {
  /** Within a process, always the same object for the same series. */
  readonly labels: Labels
  /** A counter's increase, a gauge's value; a histogram's increases by bucket. */
  readonly by: readonly number[]
}

type Labels = Readonly<Record<string, string>>

/** Tells what a process has counted since it was asked before, so that a process that begins anew takes nothing back. */
export class Increases {
  /** The totals by reading. */
  private readonly seen = new Map<object, Float64Array>()

  constructor(private readonly readings: MetricReadings) {
    // What was counted before is no increase.
    this.take()
  }

  take(): readonly Increase[] {
    return [...keptMetrics.values()]
      .map((metric) => this.increaseOf(metric))
      .filter(({ series }) => series.length > 0)
  }

  private increaseOf({ name, kind }: KeptMetric): Increase {
    const { readings } = this
    if (kind === 'gauge') {
      const now = Array.from(readings.gauges(name), (one) => ({ labels: one.labels, by: [one.read()] }))
      return { name, series: now.filter(({ by }) => by[0] !== 0) }
    }
    const series: SeriesIncrease[] = []
    const add = (reading: { readonly labels: Labels }, totals: ArrayLike<number>) => {
      const by = this.since(reading, totals)
      if (by !== undefined) series.push({ labels: reading.labels, by })
    }
    if (kind === 'counter') {
      for (const reading of readings.counters(name)) add(reading, [reading.total])
      return { name, series }
    }
    let bounds: HistogramReading['bounds'] = []
    for (const reading of readings.histograms(name)) {
      bounds = reading.bounds
      if (reading.count > 0) add(reading, reading.counts)
    }
    return { name, bounds, series }
  }

  /** Undefined if nothing was counted. */
  private since(reading: object, totals: ArrayLike<number>): readonly number[] | undefined {
    const seen = getOrMake(this.seen, reading, () => new Float64Array(totals.length))
    if (!isOther(seen, totals)) return undefined
    const by: number[] = []
    for (let place = 0; place < seen.length; place++) {
      by.push(totals[place] - seen[place])
      seen[place] = totals[place]
    }
    return by
  }
}

function isOther(seen: Float64Array, totals: ArrayLike<number>): boolean {
  for (let place = 0; place < seen.length; place++) if (seen[place] !== totals[place]) return true
  return false
}

/** What several processes have told since the last step. */
export class ToldIncreases {
  private told: Increase[] = []
  /** By their text: those of series that told something lately, and those that did before. */
  private labels = new Map<string, Labels>()
  private formerLabels: ReadonlyMap<string, Labels> = new Map()
  private taken = 0

  add(increases: readonly Increase[]): void {
    for (const { series, ...metric } of increases)
      this.told.push({
        ...metric,
        series: series.map(({ labels, by }) => ({ labels: this.own(labels), by })),
      })
  }

  /** Before each round: gauges are the sums of those that answer in it. */
  clearGauges(): void {
    this.told = this.told.filter(({ name }) => keptMetrics.get(name)?.kind !== 'gauge')
  }

  take(): readonly Increase[] {
    // Each new process may bring other names, which its clients choose.
    if (++this.taken % keptSteps === 0) {
      this.formerLabels = this.labels
      this.labels = new Map()
    }
    return this.told.splice(0)
  }

  private own(labels: Labels): Labels {
    const text = JSON.stringify(labels)
    return getOrMake(this.labels, text, () => this.formerLabels.get(text) ?? labels)
  }
}

/** How many steps a history has. What was silent for longer has no values there. */
export const keptSteps = 360
