import { MetricHistory } from '../../console/history/metricHistory'
import { type MetricsSource, readQuestion } from '../../console/metrics/question'
import { PrometheusSource } from '../../console/prometheus/prometheusSource'
import type { View } from '../../gateway/admin/view'
import type { MetricReadings } from '../../lib/metricReadings'
import type { Config } from '../config/config'
import { member } from '../processes/member'
import { shareCounts } from '../processes/sharedCounts'

/** What the page at /console reads beside the graph, by path. */
export interface ConsoleViews {
  readonly views: ReadonlyMap<string, View>
  stop(): void
}

/** `stepMs` is how often the process's own metrics are read; default ten seconds. */
export function openConsole(
  { console }: Pick<Config, 'console'>,
  readings: MetricReadings,
  stepMs?: number,
): ConsoleViews {
  if (console === false) return { views: new Map(), stop() {} }
  if (console !== true) {
    const { prometheus: url, scrape: scrapeMs, labels } = console
    return { views: viewsOf(viewOf(new PrometheusSource({ url, scrapeMs, labels }))), stop() {} }
  }
  if (member !== undefined) {
    const { view, stop } = shareCounts(readings)
    return { views: viewsOf(view), stop }
  }
  const history = new MetricHistory({ readings, ...(stepMs !== undefined && { stepMs }) })
  return { views: viewsOf(viewOf(history)), stop: () => history.dispose() }
}

function viewOf(source: MetricsSource): View {
  return async (parameters) => source.answer(readQuestion(parameters))
}

function viewsOf(metrics: View): ConsoleViews['views'] {
  return new Map([['/console/metrics', metrics]])
}
