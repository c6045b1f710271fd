/**
 * What this process has measured so far, by the names of `/metrics`, for readers within the process. A name that nothing
 * was reported under has no readings. Totals count since the process began and never decrease.
 */
export interface MetricReadings {
  counters(name: string): Iterable<CounterReading>
  histograms(name: string): Iterable<HistogramReading>
  gauges(name: string): Iterable<GaugeReading>
}

/** One series. The same series is always the same object. */
interface Reading {
  readonly labels: Readonly<Record<string, string>>
}

export interface CounterReading extends Reading {
  readonly total: number
}

export interface HistogramReading extends Reading {
  readonly count: number
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[]
  /** Observations by bucket, not cumulative; one more than bounds, for those above all of them. */
  readonly counts: Readonly<Float64Array>
}

export interface GaugeReading extends Reading {
  read(): number
}
