import type { AnsweredSeries, MetricsAnswer as AnyAnswer } from '../../metrics/answer'

/** What `/console/metrics` answers. */
export interface MetricsAnswer extends Omit<AnyAnswer, 'series'> {
  readonly series: readonly MetricSeries[]
}

export type Values = readonly (number | null)[]

/** Of any kind: a histogram has no `values`, but the other three. */
export type MetricSeries = Pick<AnsweredSeries, 'name' | 'kind' | 'labels' | 'other'> &
  Readonly<Partial<Record<'values' | 'count' | 'p50' | 'p99', Values>>>

export interface MetricsQuestion {
  readonly names: readonly string[]
  /** Labels to keep; none sums over all. */
  readonly by: readonly string[]
  readonly top?: number
  /** Only series with these values of labels. */
  readonly where?: Readonly<Record<string, string | readonly string[]>>
}

export function metricsPath({ names, by, top, where = {} }: MetricsQuestion, since?: number): string {
  const parts = new URLSearchParams({ names: names.join(), by: by.join() })
  if (top !== undefined) parts.set('top', String(top))
  for (const [label, value] of Object.entries(where))
    for (const one of Array.isArray(value) ? value : [value]) parts.append(label, one)
  if (since !== undefined) parts.set('since', String(since))
  return `/console/metrics?${parts}`
}

const hourMs = 3_600_000

/**
 * The answer that was there with the newer steps of another one after it; what is older than an hour leaves. Where steps
 * are missing between the two, as after a restart, stands one without values, so that no line leads over them.
 */
export function joinAnswers(old: MetricsAnswer, newer: MetricsAnswer): MetricsAnswer {
  const { stepMs } = newer
  const last = old.times.at(-1) ?? Number.NaN
  const missing = newer.times[0] - last > 2 * stepMs ? [last + stepMs] : []
  const times = [...old.times, ...missing, ...newer.times]
  const oldest = (times.at(-1) ?? 0) - hourMs
  const from = times.filter((time) => time <= oldest).length
  const keys = new Map<string, { old?: MetricSeries; newer?: MetricSeries }>()
  for (const one of old.series) keys.set(keyOf(one), { old: one })
  for (const one of newer.series) keys.set(keyOf(one), { ...keys.get(keyOf(one)), newer: one })
  const join = (absent: (of: MetricsAnswer) => Values, one?: Values, other?: Values) =>
    [...(one ?? absent(old)), ...missing.map(() => null), ...(other ?? absent(newer))].slice(from)
  const series = [...keys.values()].map((pair) => {
    const base = (pair.newer ?? pair.old)!
    const absent = base.kind === 'counter' ? nothingCounted : nothingMeasured
    const joined = (part: 'values' | 'count' | 'p50' | 'p99') =>
      join(absent, pair.old?.[part], pair.newer?.[part])
    return base.kind === 'histogram'
      ? { ...base, count: joined('count'), p50: joined('p50'), p99: joined('p99') }
      : { ...base, values: joined('values') }
  })
  return { ...newer, times: times.slice(from), series }
}

/** The values of a counter that an answer does not have: 0, but null where no process was there to count. */
export function nothingCounted({ times, series }: Pick<MetricsAnswer, 'times' | 'series'>): Values {
  const counted = series.find(({ kind }) => kind === 'counter')?.values
  return times.map((_, at) => (counted?.[at] === null ? null : 0))
}

function nothingMeasured({ times }: MetricsAnswer): Values {
  return times.map(() => null)
}

function keyOf({ name, labels }: MetricSeries): string {
  return name + JSON.stringify(Object.entries(labels).sort())
}

/** Whether other processes decide and predict: what they count is not zero, but not known here. */
export function isElsewhere({ source }: Pick<MetricsAnswer, 'source'>): boolean {
  return source === 'gateway' || source === 'platform'
}
