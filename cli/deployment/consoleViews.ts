import { MetricHistory } from '../../console/history/metricHistory'
import { createMetricsView } from '../../console/metrics/metricsView'
import type { View } from '../../gateway/admin/view'
import type { MetricReadings } from '../../lib/metricReadings'
import type { Config } from '../config/config'

/** What the page at /console reads beside the graph. */
export interface ConsoleViews {
  readonly views: ReadonlyMap<string, View>
  stop(): void
}

/** `stepMs` is how often metrics are read; default ten seconds. */
export function openConsole(
  config: Pick<Config, 'console'>,
  readings: MetricReadings,
  stepMs?: number,
): ConsoleViews {
  if (config.console === false) return { views: new Map(), stop() {} }
  const history = new MetricHistory({ readings, ...(stepMs !== undefined && { stepMs }) })
  return {
    views: new Map([['/console/metrics', createMetricsView(history)]]),
    stop: () => history.dispose(),
  }
}
