/** A counter or gauge with its labels already resolved, so that the hot path only adds. */
export interface Counter {
  inc(by?: number): void
}

/** A distribution with its labels already resolved. */
export interface Histogram {
  observe(value: number): void
}

/**
 * Where core code reports numbers. `telemetry/` implements it for Prometheus; core code never imports a metrics SDK.
 * The same name and labels always give handles to the same series.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: Readonly<Record<string, string>>): Counter
  histogram(name: string, help: string, labels?: Readonly<Record<string, string>>): Histogram
  /** `read` is called at scrape time, until the returned function removes the series. */
  gauge(name: string, help: string, labels: Readonly<Record<string, string>>, read: () => number): () => void
}

const silentCounter: Counter = { inc() {} }
const silentHistogram: Histogram = { observe() {} }

export const noMetrics: Metrics = {
  counter: () => silentCounter,
  histogram: () => silentHistogram,
  gauge: () => () => {},
}
