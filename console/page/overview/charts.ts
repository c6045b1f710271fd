import { type ChartSeries, perSecond } from '../charts/chartSeries'
import type { MetricsChartProps } from '../charts/MetricsChart'
import type { MetricSeries, MetricsAnswer, Values } from '../data/metrics'

const rows = 'presage_inference_count_total'
const runs = 'presage_inference_exec_count_total'
const memoryNames: Readonly<Record<string, string>> = {
  process_resident_memory_bytes: 'whole process',
  nodejs_heap_size_used_bytes: 'JavaScript heap',
}
const notMeasured = 'Not measured yet: the first step takes ten seconds.'

export const answerCharts: readonly MetricsChartProps[] = [
  {
    title: 'Predictions a second, by objective and version',
    note: 'Decisions of the rules: one for each request and objective, or for each row where rules read inputs.',
    unit: 'perSecond',
    isStacked: true,
    empty:
      'No prediction within the last hour. Ask the graph for a prediction field, for instance in GraphiQL.',
    question: { names: ['presage_routing_decisions_total'], by: ['objective', 'model'], top: 8 },
    read: rates(({ labels }) => `${labels['objective']} ${labels['model']}`),
  },
  {
    title: 'Latency of requests',
    note: "From a request's arrival to the end of its answer, over all operations.",
    unit: 'seconds',
    empty: 'No request within the last hour.',
    question: { names: ['presage_http_request_duration_seconds'], by: [] },
    read: percentiles,
  },
  {
    title: 'Rows without a prediction, by code',
    note: 'Rows that neither the chosen version nor a fallback answered.',
    unit: 'perSecond',
    isStacked: true,
    empty: 'No row without a prediction within the last hour.',
    question: { names: ['presage_prediction_failures_total'], by: ['code'], top: 8 },
    read: rates(({ labels }) => labels['code']),
  },
  {
    title: 'Requests a second, by HTTP status',
    unit: 'perSecond',
    isStacked: true,
    empty: 'No request within the last hour.',
    question: { names: ['presage_http_requests_total'], by: ['status'], top: 8 },
    read: rates(({ labels }) => labels['status']),
  },
]

export const modelCharts: readonly MetricsChartProps[] = [
  {
    title: 'Rows a second in the runtime, by version',
    note: 'Equal rows of a request run once, and cached rows do not run.',
    unit: 'perSecond',
    isStacked: true,
    empty: 'No model has run within the last hour.',
    question: { names: [rows], by: ['model', 'version'], top: 8 },
    read: rates(versionOf),
  },
  {
    title: 'Batch size, by version',
    note: 'Rows in one call of the runtime, on average.',
    unit: 'rows',
    empty: 'No model has run within the last hour.',
    // Those with the most rows need not be those with the most calls.
    question: { names: [rows, runs], by: ['model', 'version'], top: 50 },
    read: batchSizes,
  },
  {
    title: 'Rows that wait, by version',
    note: 'At the end of each step.',
    unit: 'rows',
    isStacked: true,
    empty: 'No row has waited within the last hour.',
    question: { names: ['presage_queued_rows'], by: ['model', 'version'], top: 8 },
    read: lines(versionOf),
  },
  {
    title: 'Workers lost, by shard',
    note: 'In each step: workers that died or were taken out of service.',
    unit: 'count',
    empty: 'No worker was lost within the last hour.',
    question: { names: ['presage_workers_lost_total'], by: ['shard'], top: 8 },
    read: lines(({ labels }) => labels['shard']),
  },
]

export const processCharts: readonly MetricsChartProps[] = [
  {
    title: 'Processor',
    note: 'Cores in use, on average of each step.',
    unit: 'count',
    empty: notMeasured,
    question: { names: ['process_cpu_seconds_total'], by: [] },
    read: rates(() => 'cores'),
  },
  {
    title: 'Memory',
    unit: 'bytes',
    empty: notMeasured,
    question: { names: Object.keys(memoryNames), by: [] },
    read: lines(({ name }) => memoryNames[name]),
  },
  {
    title: 'Delay of the event loop',
    note: 'How long due work waits for the thread that serves HTTP.',
    unit: 'seconds',
    empty: notMeasured,
    question: { names: ['presage_event_loop_delay_seconds'], by: [] },
    read: percentiles,
  },
]

/** A line for each series, called by `labelOf` unless it stands for all others. */
function lines(
  labelOf: (series: MetricSeries) => string,
  valuesOf: (values: Values, stepMs: number) => Values = (values) => values,
): MetricsChartProps['read'] {
  return ({ series, stepMs }) =>
    series.map((one) => ({
      label: one.other ? 'all others' : labelOf(one),
      values: valuesOf(one.values ?? [], stepMs),
      other: one.other,
    }))
}

function rates(labelOf: (series: MetricSeries) => string): MetricsChartProps['read'] {
  return lines(labelOf, perSecond)
}

/** The median and the 99th percentile of one histogram. */
function percentiles({ series: [all] }: MetricsAnswer): readonly ChartSeries[] {
  if (all === undefined) return []
  return [
    { label: 'p50', values: all.p50 ?? [] },
    { label: 'p99', values: all.p99 ?? [] },
  ]
}

function batchSizes({ series }: MetricsAnswer): readonly ChartSeries[] {
  return series
    .filter(({ name, other }) => name === rows && !other)
    .slice(0, 8)
    .flatMap((one) => {
      const label = versionOf(one)
      const calls = series.find((two) => two.name === runs && versionOf(two) === label)?.values
      if (calls === undefined) return []
      return [{ label, values: (one.values ?? []).map((value, at) => sizeOf(value, calls[at])) }]
    })
}

function sizeOf(count: number | null, calls: number | null): number | null {
  return count === null || !calls ? null : count / calls
}

function versionOf({ labels }: Pick<MetricSeries, 'labels'>): string {
  return `${labels['model']}@${labels['version']}`
}
