import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics } from '../lib/metrics'

/** From 50 microseconds to 5 seconds: a batch of a small model up to a deadline that was given up. */
const durationBuckets = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
]

/** Metrics for Prometheus: `text` is what `/metrics` answers. */
export function createPrometheusMetrics(): Metrics & {
  text(): Promise<string>
  readonly contentType: string
} {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  const gauges = new Map<string, { labels: Readonly<Record<string, string>>; read: () => number }[]>()

  return {
    counter(name, help, labels = {}) {
      const counter = made(counters, name, () => {
        return new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] })
      })
      const series = counter.labels(labels)
      series.inc(0) // a series that has not counted yet reads 0 instead of being absent
      return series
    },
    histogram(name, help, labels = {}) {
      return made(histograms, name, () => {
        return new Histogram({
          name,
          help,
          labelNames: Object.keys(labels),
          buckets: durationBuckets,
          registers: [registry],
        })
      }).labels(labels)
    },
    gauge(name, help, labels, read) {
      const series = made(gauges, name, () => {
        const all: { labels: Readonly<Record<string, string>>; read: () => number }[] = []
        new Gauge({
          name,
          help,
          labelNames: Object.keys(labels),
          registers: [registry],
          collect() {
            for (const one of all) this.set(one.labels, one.read())
          },
        })
        return all
      })
      series.push({ labels, read })
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function made<T>(all: Map<string, T>, name: string, make: () => T): T {
  let one = all.get(name)
  if (one === undefined) {
    one = make()
    all.set(name, one)
  }
  return one
}
