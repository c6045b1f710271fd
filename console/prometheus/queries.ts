import type { KeptMetric } from '../metrics/keptMetrics'
import { labelsApart, type Question } from '../metrics/question'

export interface QueryOptions {
  /** What the series of this deployment have in common. */
  readonly labels: Readonly<Record<string, string>>
  /** Over which time rates are taken. */
  readonly rangeMs: number
  /** Over which time series are compared by size. */
  readonly windowMs: number
}

/**
 * PromQL for the sum of all series of a metric that a question is about, and for the largest groups of them. Counters
 * and histograms are rates per second; histograms have the label `le`.
 */
export function queriesFor(
  metric: KeptMetric,
  question: Question,
  most: number,
  { labels, rangeMs, windowMs }: QueryOptions,
): { readonly whole: string; readonly groups: string } {
  const { name, kind } = metric
  const own = Object.entries(labels).map(([label, value]) => [label, [value]] as const)
  const asked = [...question.where].map(([label, values]) => [label, [...values]] as const)
  const all = matchers([...own, ...asked])
  const by = labelsApart(question, metric).join(', ')
  // Other programs have metrics of these names too.
  const ours = name.startsWith('presage_') ? '' : ` and on (job, instance) ${everyProcess}${matchers(own)}`
  const sum = (labels: string, of: string) => `sum by (${labels}) (${of}${ours})`
  const rate = (series: string) => `rate(${series}${all}[${rangeMs}ms])`
  const atEnd = (call: string, series: string) => `${call}(${series}${all}[${windowMs}ms] @ end())`
  const largest = (weight: string) => ` and on (${by}) topk(${most}, ${sum(by, weight)})`
  if (kind === 'gauge') {
    const weight = atEnd('sum_over_time', name)
    return { whole: sum('', name + all), groups: sum(by, name + all) + largest(weight) }
  }
  if (kind === 'counter') {
    const weight = atEnd('increase', name)
    return { whole: sum('', rate(name)), groups: sum(by, rate(name)) + largest(weight) }
  }
  const buckets = rate(`${name}_bucket`)
  const weight = atEnd('increase', `${name}_count`)
  return { whole: sum('le', buckets), groups: sum(`le, ${by}`, buckets) + largest(weight) }
}

/** PromQL with one series for each process of Presage. */
export function queryForProcesses(labels: QueryOptions['labels']): string {
  return everyProcess + matchers(Object.entries(labels).map(([label, value]) => [label, [value]]))
}

/** A metric that every process of Presage has, and no other program. */
const everyProcess = 'presage_event_loop_delay_seconds_count'

function matchers(all: readonly (readonly [label: string, values: readonly string[]])[]): string {
  if (all.length === 0) return ''
  const texts = all.map(([label, values]) =>
    values.length === 1
      ? `${label}=${JSON.stringify(values[0])}`
      : `${label}=~${JSON.stringify(values.map((value) => value.replace(special, '\\$&')).join('|'))}`,
  )
  return `{${texts.join(', ')}}`
}

/** Characters with a meaning in regular expressions. */
const special = /[\\^$.*+?()[\]{}|]/g
