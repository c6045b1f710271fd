import { MetricHistory } from '../../console/history/metricHistory'
import { type MetricsSource, readQuestion } from '../../console/metrics/question'
import { PrometheusSource } from '../../console/prometheus/prometheusSource'
import type { View } from '../../gateway/admin/view'
import { PresageError } from '../../lib/errors'
import type { MetricReadings } from '../../lib/metricReadings'
import type { Config } from '../config/config'
import { member } from '../processes/member'

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
    return { views: viewsOf(new PrometheusSource({ url, scrapeMs, labels })), stop() {} }
  }
  if (member !== undefined) return { views: viewsOf(ofManyProcesses), stop() {} }
  const history = new MetricHistory({ readings, ...(stepMs !== undefined && { stepMs }) })
  return { views: viewsOf(history), stop: () => history.dispose() }
}

/** One of several processes knows only its own metrics, and a page is answered by any of them. */
const ofManyProcesses: MetricsSource = {
  answer: () =>
    Promise.reject(
      new PresageError(
        'NOT_SUPPORTED',
        'console.prometheus: must be set where several processes serve, since each of them keeps only its own metrics',
      ),
    ),
}

function viewsOf(metrics: MetricsSource): ConsoleViews['views'] {
  return new Map([['/console/metrics', async (parameters) => metrics.answer(readQuestion(parameters))]])
}
