import type { AnsweredSeries } from './answer'
import { type Group, type GroupRows, isAll, without } from './group'
import type { KeptMetric } from './keptMetrics'
import { percentile } from './percentile'
import { labelsApart, type Question } from './question'

/** The series of one metric that a question is about. */
export interface FoundGroups {
  readonly metric: KeptMetric
  /** Of a histogram, the upper bounds of its buckets. */
  readonly bounds: readonly number[]
  /** By the labels that the question tells apart. */
  readonly groups: readonly Group[]
  /** The sum of all of them, and of those that are not in `groups`. */
  readonly whole: Group
  /** The first step in which a process was there to count: a counter without a value since then counted nothing. */
  readonly counted: number
}

/** Shows the groups that weigh most, and what they leave of the whole. */
export function showGroups(found: FoundGroups, question: Question): AnsweredSeries[] {
  const { metric, groups, whole } = found
  const show = (labels: Group['labels'], rows: GroupRows) => showRows(found, labels, rows)
  const sum = whole.read()
  if (labelsApart(question, metric).length === 0) return [show({}, sum)]
  const shown = [...groups].sort((a, b) => b.weight - a.weight).slice(0, question.top)
  const read = shown.map((group) => group.read())
  return [
    ...shown.map(({ labels }, index) => show(labels, read[index])),
    ...(isAll(whole, shown) ? [] : [{ ...show({}, without(sum, read)), other: true as const }]),
    ...(metric.kind === 'histogram' ? [show({}, sum)] : []),
  ]
}

function showRows(
  { metric: { name, kind }, bounds, counted }: FoundGroups,
  labels: Group['labels'],
  { rows, first }: GroupRows,
): AnsweredSeries {
  const from = kind === 'counter' ? Math.min(first, counted) : first
  const shown = (values: ArrayLike<number>) =>
    Array.from(values, (value, step) => (step < from || Number.isNaN(value) ? null : value))
  if (kind !== 'histogram') return { name, labels, kind, values: shown(rows[0]) }
  const steps = rows[0].length
  const count = new Float64Array(steps)
  const p50 = new Float64Array(steps)
  const p99 = new Float64Array(steps)
  const buckets = new Float64Array(rows.length)
  for (let step = 0; step < steps; step++) {
    for (let bucket = 0; bucket < rows.length; bucket++) buckets[bucket] = rows[bucket][step]
    count[step] = buckets.reduce((sum, value) => sum + value, 0)
    p50[step] = percentile(0.5, buckets, bounds)
    p99[step] = percentile(0.99, buckets, bounds)
  }
  return { name, labels, kind, count: shown(count), p50: shown(p50), p99: shown(p99) }
}
