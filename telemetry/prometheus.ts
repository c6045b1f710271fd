import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'
import type { Metrics } from '../lib/metrics'
import { watchEventLoopDelay } from './eventLoopDelay'
import { CounterSeries, Family, HistogramSeries } from './series'

/** From 50 microseconds, a batch of a small model, to 5 seconds, a request that was given up. */
const durationBuckets = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
]

/** Metrics for Prometheus. `text` returns the response of `/metrics`. */
export function createPrometheusMetrics(): Metrics & {
  text(): Promise<string>
  readonly contentType: string
} {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Family<CounterSeries>>()
  const histograms = new Map<string, Family<HistogramSeries>>()
  const gauges = new Map<string, Set<GaugeSeries>>()

  const metrics: ReturnType<typeof createPrometheusMetrics> = {
    counter(name, help, labels = {}) {
      return made(counters, name, () => counterFamily(registry, name, help, Object.keys(labels))).labels(
        labels,
      )
    },
    histogram(name, help, labels = {}) {
      return made(histograms, name, () => histogramFamily(registry, name, help)).labels(labels)
    },
    gauge(name, help, labels, read) {
      const series = made(gauges, name, () => {
        const all = new Set<GaugeSeries>()
        new Gauge({
          name,
          help,
          labelNames: Object.keys(labels),
          registers: [registry],
          collect() {
            // Removes the series that were taken back.
            this.reset()
            for (const one of all) this.set(one.labels, one.read())
          },
        })
        return all
      })
      const one = { labels, read }
      series.add(one)
      return () => {
        series.delete(one)
      }
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
  watchEventLoopDelay(metrics)
  return metrics
}

interface GaugeSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly read: () => number
}

function counterFamily(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
): Family<CounterSeries> {
  const counter = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      for (const series of family.all()) this.inc(series.labels, series.take())
    },
  })
  const family = new Family((labels) => {
    counter.inc(labels, 0) // a series that has not counted yet reads 0 instead of being absent
    return new CounterSeries(labels)
  })
  return family
}

function histogramFamily(registry: Registry, name: string, help: string): Family<HistogramSeries> {
  const family = new Family((labels) => new HistogramSeries(labels, durationBuckets))
  const metric = {
    name,
    // The members that a registry reads of any metric.
    get: async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: family.all().flatMap((series) => series.values(name)),
    }),
  }
  registry.registerMetric(metric as unknown as Metric)
  return family
}

function made<T>(all: Map<string, T>, name: string, make: () => T): T {
  let one = all.get(name)
  if (one === undefined) {
    one = make()
    all.set(name, one)
  }
  return one
}
