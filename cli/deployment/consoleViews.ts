import { Increases } from '../../console/history/increases'
import { MetricHistory } from '../../console/history/metricHistory'
import type { MetricsAnswer } from '../../console/metrics/answer'
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

export interface ConsoleParts {
  readonly metrics: MetricReadings
  /** How often the process's own metrics are read; default ten seconds. */
  readonly consoleStepMs?: number | undefined
  /** Whether predictions run in other processes, whose metrics are not here. */
  readonly predictsElsewhere?: boolean
}

export function openConsole(
  { console }: Pick<Config, 'console'>,
  { metrics: readings, consoleStepMs: stepMs, predictsElsewhere = false }: ConsoleParts,
): ConsoleViews {
  if (console === false) return { views: new Map(), stop() {} }
  if (console !== true) {
    const { prometheus: url, scrape: scrapeMs, labels } = console
    return { views: viewsOf(viewOf(new PrometheusSource({ url, scrapeMs, labels }))), stop() {} }
  }
  if (member !== undefined) {
    const { view, stop } = shareCounts(readings)
    return { views: viewsOf(ownView(view, predictsElsewhere)), stop }
  }
  const history = new MetricHistory({ increases: new Increases(readings), stepMs })
  return { views: viewsOf(ownView(viewOf(history), predictsElsewhere)), stop: () => history.dispose() }
}

type MetricsView = (parameters: URLSearchParams) => Promise<MetricsAnswer>

function ownView(view: MetricsView, predictsElsewhere: boolean): View {
  return predictsElsewhere ? async (parameters) => ({ ...(await view(parameters)), source: 'gateway' }) : view
}

function viewOf(source: MetricsSource): MetricsView {
  return async (parameters) => source.answer(readQuestion(parameters))
}

function viewsOf(metrics: View): ConsoleViews['views'] {
  return new Map([['/console/metrics', metrics]])
}
