import type { ChartSeries } from '../charts/chartSeries'
import type { MetricsAnswer } from '../data/metrics'

/** The median and the 99th percentile of one histogram. */
export function percentileLines({ series }: MetricsAnswer): readonly ChartSeries[] {
  const [all] = series
  if (all === undefined) return []
  return [
    { label: 'p50', values: all.p50 ?? [] },
    { label: 'p99', values: all.p99 ?? [] },
  ]
}
