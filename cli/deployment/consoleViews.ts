import { Increases } from '../../console/history/increases'
import { MetricHistory } from '../../console/history/metricHistory'
import { type MetricsSource, readQuestion } from '../../console/metrics/question'
import { PrometheusSource } from '../../console/prometheus/prometheusSource'
import type { View } from '../../gateway/admin/view'
import type { OperationGateway } from '../../gateway/operations/operationGateway'
import { exampleQuery } from '../../gateway/pages/exampleQuery'
import { PresageError } from '../../lib/errors'
import type { MetricReadings } from '../../lib/metricReadings'
import type { Config } from '../config/config'
import { member } from '../processes/member'
import { type SharedCounts, shareCounts } from '../processes/sharedCounts'

/** What the page at /console reads beside the graph, by path. */
export interface ConsoleViews {
  readonly views: ReadonlyMap<string, View>
  stop(): void
}

export interface ConsoleParts {
  readonly gateway: OperationGateway
  readonly metrics: MetricReadings
  /** How often the process's own metrics are read; default ten seconds. */
  readonly consoleStepMs?: number | undefined
  /** What this process is, where predictions run in other processes, whose metrics are not here. */
  readonly predictsElsewhere?: 'gateway' | 'platform' | undefined
}

export function openConsole(
  { console, server }: Pick<Config, 'console' | 'server'>,
  { gateway, metrics: readings, consoleStepMs: stepMs, predictsElsewhere: source }: ConsoleParts,
): ConsoleViews {
  if (console === false) return { views: new Map(), stop() {} }
  const viewsOf = (metrics: View) =>
    new Map([
      ['/console/metrics', metrics],
      ['/console/query', server.introspection ? queryView(gateway) : noQueries],
    ])
  if (console !== true) {
    const { prometheus: url, scrape: scrapeMs, labels } = console
    return { views: viewsOf(viewOf(new PrometheusSource({ url, scrapeMs, labels }))), stop() {} }
  }
  const { view, stop } = member === undefined ? ownHistory(readings, stepMs) : shareCounts(readings)
  if (source === undefined) return { views: viewsOf(view), stop }
  return { views: viewsOf(async (asked) => ({ ...(await view(asked)), source })), stop }
}

function ownHistory(readings: MetricReadings, stepMs: number | undefined): SharedCounts {
  const history = new MetricHistory({ increases: new Increases(readings), stepMs })
  return { view: viewOf(history), stop: () => history.dispose() }
}

function viewOf(source: MetricsSource): SharedCounts['view'] {
  return async (parameters) => source.answer(readQuestion(parameters))
}

/** A query for a prediction field, `Type.field`; null if `Query` does not lead to it. */
function queryView(gateway: OperationGateway): View {
  return async (parameters) => {
    const wanted = parameters.get('field')
    const isWanted = (type: string, field: string) => `${type}.${field}` === wanted
    return { query: exampleQuery(gateway, isWanted, '"text"') ?? null }
  }
}

const noQueries: View = async () => {
  throw new PresageError('FORBIDDEN', 'introspection is off on this server (server.introspection)')
}
