import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'
import { getOrMake } from '../lib/groups'
import type { GaugeReading, MetricReadings } from '../lib/metricReadings'
import type { Metrics } from '../lib/metrics'
import { EventLoopWatch } from './eventLoopDelay'
import { metricsText, type Read, type Readable } from './metricsText'
import { processCounters, processGauges } from './processReadings'
import { CounterSeries, Family, HistogramSeries } from './series'

/** From 50 microseconds, a batch of a small model, to 5 seconds, a request that was given up. */
const durationBuckets = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
]

export interface PrometheusMetrics extends Metrics, MetricReadings {
  /** The response of `/metrics`. */
  text(): Promise<string>
  /** What this process has measured, to be summed with others. */
  report(): Promise<readonly MetricReport[]>
}

/** One metric with the values of its series; plain data. */
export type MetricReport = MetricObjectWithValues<MetricValue<string>>

/** The text of `/metrics` for several processes that serve as one. */
export function mergedText(reports: readonly (readonly MetricReport[])[]): Promise<string> {
  return textOf(AggregatorRegistry.aggregate(reports as MetricReport[][]))
}

/** One report for several: the sums of theirs. */
export function mergedReport(reports: readonly (readonly MetricReport[])[]): readonly MetricReport[] {
  const registry = AggregatorRegistry.aggregate(reports as MetricReport[][])
  return registry.getMetricsAsArray() as unknown as readonly MetricReport[]
}

/** As the registry's own `metrics()` makes it. */
function textOf(registry: Registry): Promise<string> {
  return metricsText(registry.getMetricsAsArray() as unknown as Readable[], textOfOne)
}

/** By the library, so that there is one way to write a value. Without the line end. */
async function textOfOne(read: Read): Promise<string> {
  const registry = new Registry()
  registry.registerMetric({ name: read.name, get: async () => read } as unknown as Metric)
  return (await registry.metrics()).slice(0, -1)
}

export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry()
  ofProcess ??= watchProcess()
  for (const metric of ofProcess.registry.getMetricsAsArray())
    registry.registerMetric(metric as unknown as Metric)
  const counters = new Map<string, Family<CounterSeries>>()
  const histograms = new Map(ofProcess.histograms)
  const gauges = new Map<string, Set<GaugeReading>>()

  return {
    counter(name, help, labels = {}) {
      return getOrMake(counters, name, () => counterFamily(registry, name, help)).labels(labels)
    },
    histogram(name, help, labels = {}) {
      return getOrMake(histograms, name, () => histogramFamily(registry, name, help)).labels(labels)
    },
    gauge(name, help, labels, read) {
      const series = getOrMake(gauges, name, () => {
        const all = new Set<GaugeReading>()
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
    counters: (name) => own(processCounters, name) ?? counters.get(name)?.all() ?? [],
    histograms: (name) => histograms.get(name)?.all() ?? [],
    gauges: (name) => own(processGauges, name) ?? gauges.get(name) ?? [],
    text: () => textOf(registry),
    report: () => registry.getMetricsAsJSON() as Promise<readonly MetricReport[]>,
  }
}

let ofProcess: ReturnType<typeof watchProcess> | undefined

/**
 * What is measured of the process, for all metrics in it: nothing can end the library's watch of its garbage collection,
 * and servers with predictions of their own may come and go.
 */
function watchProcess() {
  const registry = new Registry()
  collectProcessMetrics(registry)
  const histograms = new Map<string, Family<HistogramSeries>>()
  new EventLoopWatch({
    histogram: (name, help) =>
      getOrMake(histograms, name, () => histogramFamily(registry, name, help)).labels({}),
  })
  return { registry, histograms }
}

/**
 * prom-client's metrics of the process, without its percentiles of the event loop's delay: they would wake an idle
 * process a hundred times a second, and `presage_event_loop_delay_seconds` says more.
 */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 3_600_000 })
  for (const name of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`)
}

function counterFamily(registry: Registry, name: string, help: string): Family<CounterSeries> {
  const family = new Family((labels) => new CounterSeries(labels))
  register(registry, { name, help, type: 'counter' }, () =>
    family.all().map(({ labels, total }) => ({ labels, value: total })),
  )
  return family
}

function histogramFamily(registry: Registry, name: string, help: string): Family<HistogramSeries> {
  const family = new Family((labels) => new HistogramSeries(labels, durationBuckets))
  register(registry, { name, help, type: 'histogram' }, () =>
    family.all().flatMap((series) => series.values(name)),
  )
  return family
}

/** With the members that a registry reads of any metric. A metric of the library's own would copy each series first. */
function register(
  registry: Registry,
  about: { readonly name: string; readonly help: string; readonly type: string },
  values: () => readonly object[],
): void {
  const metric = { name: about.name, get: async () => ({ ...about, aggregator: 'sum', values: values() }) }
  registry.registerMetric(metric as unknown as Metric)
}

/** The reading of the process with that name, if there is one. */
function own<Reading>(all: Readonly<Record<string, Reading>>, name: string): readonly Reading[] | undefined {
  return Object.hasOwn(all, name) ? [all[name]] : undefined
}
