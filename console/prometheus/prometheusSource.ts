import { groupBy } from '../../lib/groups'
import type { MetricsAnswer } from '../metrics/answer'
import type { Group } from '../metrics/group'
import type { KeptMetric } from '../metrics/keptMetrics'
import { labelsApart, type MetricsSource, type Question } from '../metrics/question'
import { type FoundGroups, showGroups } from '../metrics/showGroups'
import { queriesFor, queryForProcesses } from './queries'
import { type RangeSeries, rangeQuery, type Steps } from './rangeQuery'

export interface PrometheusSourceOptions {
  readonly url: string
  /** How often it reads the processes, in milliseconds. */
  readonly scrapeMs: number
  /** What the series of this deployment have in common. */
  readonly labels: Readonly<Record<string, string>>
  /** How far back it shows; default an hour. */
  readonly windowMs?: number
}

/** The metrics of all processes of a deployment, summed by a Prometheus that reads them. */
export class PrometheusSource implements MetricsSource {
  private readonly windowMs: number
  private readonly stepMs: number

  constructor(private readonly options: PrometheusSourceOptions) {
    const { scrapeMs, windowMs = 3_600_000 } = options
    this.windowMs = windowMs
    this.stepMs = Math.max(scrapeMs, windowMs / mostSteps)
  }

  async answer(question: Question): Promise<MetricsAnswer> {
    const { stepMs, windowMs } = this
    const now = Date.now()
    // The same steps, whenever it is asked, once all their readings are there.
    const last = Math.floor((now - this.options.scrapeMs) / stepMs) * stepMs
    const asked = Math.floor(question.since / stepMs) * stepMs + stepMs
    const most = Math.max(1, Math.floor(windowMs / stepMs))
    const first = Math.max(last - (most - 1) * stepMs, asked)
    const head = { source: 'prometheus' as const, now, stepMs }
    if (first > last) return { ...head, times: [], series: [] }
    const steps = { first, last, stepMs }
    const counted = this.firstCounted(steps)
    const found = await Promise.all(
      question.metrics.map((metric) => this.find(metric, question, steps, counted)),
    )
    const times = Array.from({ length: (last - first) / stepMs + 1 }, (_, step) => first + step * stepMs)
    return { ...head, times, series: found.flatMap((one) => showGroups(one, question)) }
  }

  /** The first step in which there was a process to read. */
  private async firstCounted(steps: Steps): Promise<number> {
    const { url, labels } = this.options
    const [processes] = await rangeQuery(url, `count(${queryForProcesses(labels)})`, steps)
    return processes === undefined ? Number.POSITIVE_INFINITY : firstValue(processes.values)
  }

  private async find(
    metric: KeptMetric,
    question: Question,
    steps: Steps,
    firstCounted: Promise<number>,
  ): Promise<FoundGroups> {
    const { options, stepMs, windowMs } = this
    const { url, labels } = options
    // Several readings are needed for a rate, also where one is late.
    const rangeMs = Math.ceil(Math.max(4 * options.scrapeMs, stepMs))
    const mostGroups = metric.kind === 'histogram' ? mostHistograms : mostNumbers
    const most = Math.min(question.top ?? mostGroups, mostGroups)
    const queries = queriesFor(metric, question, most, { labels, rangeMs, windowMs })
    const apart = labelsApart(question, metric)
    const [whole, groups, counted] = await Promise.all([
      rangeQuery(url, queries.whole, steps),
      apart.length === 0 ? [] : rangeQuery(url, queries.groups, steps),
      firstCounted,
    ])
    const bounds = [...new Set([...whole, ...groups].map(({ labels }) => Number(labels.le)))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b)
    const group = (of: Group['labels'], series: readonly RangeSeries[]) => {
      const rows =
        metric.kind === 'histogram' && series.length > 0
          ? bucketRows(series, bounds)
          : series.map(({ values }) => values)
      return readGroup(
        of,
        rows,
        (steps.last - steps.first) / stepMs + 1,
        metric.kind === 'gauge' ? 1 : stepMs / 1000,
      )
    }
    const byLabels = groupBy(groups, ({ labels }) => JSON.stringify(apart.map((label) => labels[label])))
    return {
      metric,
      bounds,
      groups: [...byLabels.values()].map((members) =>
        group(Object.fromEntries(apart.map((label) => [label, members[0].labels[label] ?? ''])), members),
      ),
      whole: group({}, whole),
      counted,
    }
  }
}

/** As many steps as the process's own history has. */
const mostSteps = 360
/** The most series of a metric. Of histograms each has values for every step and bucket; others may have one for each rule. */
const mostHistograms = 50
const mostNumbers = 1_000

/** From cumulative buckets to those of `bounds`, and one above. */
function bucketRows(series: readonly RangeSeries[], bounds: readonly number[]): readonly Float64Array[] {
  let below: Float64Array | undefined
  return [...bounds, Number.POSITIVE_INFINITY].map((bound) => {
    const values = series.find(({ labels }) => readBound(labels.le) === bound)?.values
    if (values === undefined) return new Float64Array(series[0].values.length)
    const own = below === undefined ? values : values.map((value, step) => value - below![step])
    below = values
    return own
  })
}

function readBound(le: string | undefined): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}

/** The first step with a value; if none has one, the number of steps. */
function firstValue(values: ArrayLike<number>): number {
  const at = Array.from(values).findIndex((value) => !Number.isNaN(value))
  return at === -1 ? values.length : at
}

/** `rows` have NaN where there is no value; each value is multiplied by `factor`. */
function readGroup(
  labels: Group['labels'],
  found: readonly Float64Array[],
  steps: number,
  factor: number,
): Group {
  const rows = found.length > 0 ? found : [new Float64Array(steps).fill(Number.NaN)]
  const first = Math.min(...rows.map(firstValue))
  // Rounding may leave a bucket below zero.
  const read = rows.map((row) => row.map((value) => (value > 0 ? value * factor : 0)))
  const weight = read.reduce((sum, row) => sum + row.reduce((all, value) => all + value, 0), 0)
  return { labels, weight, read: () => ({ first, rows: read }) }
}
