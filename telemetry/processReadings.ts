import type { CounterReading, GaugeReading } from '../lib/metricReadings'

/** Metrics of the process that prom-client has in `/metrics` too, for readers within the process. */
export const processCounters: Readonly<Record<string, CounterReading>> = {
  process_cpu_seconds_total: {
    labels: {},
    get total() {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
  },
}

export const processGauges: Readonly<Record<string, GaugeReading>> = {
  process_resident_memory_bytes: { labels: {}, read: () => process.memoryUsage.rss() },
  nodejs_heap_size_used_bytes: { labels: {}, read: () => process.memoryUsage().heapUsed },
}
