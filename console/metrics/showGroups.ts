import type { AnsweredSeries } from './answer'
import { type Group, weightOf, without } from './group'
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
}

/**
 * Shows the groups that weigh most, and what they leave of the whole. `from` is the first step to show; all steps weigh.
 */
export function showGroups(found: FoundGroups, question: Question, from: number): AnsweredSeries[] {
  const { metric, groups, whole } = found
  const show = (group: Group, isOther = false) => showGroup(found, group, from, isOther)
  if (labelsApart(question, metric).length === 0) return [show(whole)]
  const weighed = groups.map((group) => ({ group, weight: weightOf(group) }))
  weighed.sort((a, b) => b.weight - a.weight)
  const shown = weighed.slice(0, question.top).map(({ group }) => group)
  const rest = without(whole, shown)
  return [
    ...shown.map((group) => show(group)),
    ...(weightOf(rest) > 0 ? [show(rest, true)] : []),
    ...(metric.kind === 'histogram' ? [show(whole)] : []),
  ]
}

function showGroup(
  { metric: { name, kind }, bounds }: FoundGroups,
  { labels, rows, first }: Group,
  from: number,
  isOther: boolean,
): AnsweredSeries {
  const head = { name, labels, ...(isOther && { other: true as const }) }
  const show = (values: ArrayLike<number>) =>
    Array.from(values, (value, step) => (step + from < first || Number.isNaN(value) ? null : value))
  if (kind !== 'histogram') return { ...head, kind, values: show(rows[0].subarray(from)) }
  const steps = rows[0].length - from
  const count = new Float64Array(steps)
  const p50 = new Float64Array(steps)
  const p99 = new Float64Array(steps)
  const buckets = new Float64Array(rows.length)
  for (let step = 0; step < steps; step++) {
    for (let bucket = 0; bucket < rows.length; bucket++) buckets[bucket] = rows[bucket][from + step]
    count[step] = buckets.reduce((sum, value) => sum + value, 0)
    p50[step] = percentile(0.5, buckets, bounds)
    p99[step] = percentile(0.99, buckets, bounds)
  }
  return { ...head, kind, count: show(count), p50: show(p50), p99: show(p99) }
}
