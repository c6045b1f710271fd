import type { MetricSeries, MetricsAnswer } from '../data/metrics'
import { sumOf } from './chartSeries'

/** The index of the first step that begins at a time or after it; the number of steps if none does yet. */
export function firstStep({ times, stepMs }: Pick<MetricsAnswer, 'times' | 'stepMs'>, start: number): number {
  const at = times.findIndex((time) => time - stepMs >= start)
  return at === -1 ? times.length : at
}

/** How often some counters counted in the whole steps from a time on. */
export function countSince(
  answer: MetricsAnswer | undefined,
  start: number,
  isOwn: (series: MetricSeries) => boolean,
): number {
  if (answer === undefined) return 0
  const from = firstStep(answer, start)
  return answer.series.filter(isOwn).reduce((sum, { values = [] }) => sum + sumOf(values.slice(from)), 0)
}
