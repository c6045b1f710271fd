import type { Counter, Metrics } from '../../lib/metrics'

export interface MemoryMetrics {
  readonly loads: Counter
  readonly putOut: Counter
}

/** `read` is called at scrape time. */
export function memoryMetrics(
  metrics: Metrics,
  read: { readonly bytes: () => number; readonly versions: () => number },
): MemoryMetrics {
  metrics.gauge(memoryMetricNames.bytes, 'Estimated memory of the loaded versions', {}, read.bytes)
  metrics.gauge(memoryMetricNames.versions, 'Loaded versions', {}, read.versions)
  return {
    loads: metrics.counter(memoryMetricNames.loads, 'Versions that were loaded because they were asked'),
    putOut: metrics.counter(memoryMetricNames.putOut, 'Versions that made room for others'),
  }
}

/** Names of the metrics of this folder. */
export const memoryMetricNames = {
  bytes: 'presage_model_memory_bytes',
  versions: 'presage_loaded_versions',
  loads: 'presage_model_loads_total',
  putOut: 'presage_model_evictions_total',
} as const
