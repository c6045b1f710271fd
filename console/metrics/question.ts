import { PresageError, show } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import type { MetricsAnswer } from './answer'
import { type KeptMetric, keptMetrics } from './keptMetrics'

export interface MetricsSource {
  answer(question: Question): Promise<MetricsAnswer>
}

/** What a page asks of the metrics. */
export interface Question {
  readonly metrics: readonly KeptMetric[]
  /** Labels to tell series apart by; undefined: all. */
  readonly by: readonly string[] | undefined
  /** The most series of a name. */
  readonly top: number | undefined
  /** By label, the values that a series may have. */
  readonly where: ReadonlyMap<string, ReadonlySet<string>>
  /** Only steps that end after this time, in milliseconds since 1970. */
  readonly since: number
}

/** Reads the parameters of a URL. Throws `BAD_REQUEST` for one that is missing, unknown or malformed. */
export function readQuestion(parameters: URLSearchParams): Question {
  const metrics = listOf(parameters.get('names') ?? '').map(metricOf)
  if (metrics.length === 0) refuse('names', 'must be names of metrics, separated by commas', 'nothing')
  const by = parameters.get('by')
  const where = new Map<string, Set<string>>()
  for (const [key, value] of parameters) {
    if (own.includes(key)) continue
    requireLabel(key, `must be one of ${own.join(', ')} or a label`)
    where.set(key, (where.get(key) ?? new Set()).add(value))
  }
  const labels = by === null ? undefined : listOf(by)
  for (const label of labels ?? []) requireLabel(label, 'must be a label', 'by')
  return {
    metrics,
    by: labels,
    top: parameters.has('top') ? numberOf(parameters, 'top', 1) : undefined,
    where,
    since: parameters.has('since') ? numberOf(parameters, 'since', 0) : Number.NEGATIVE_INFINITY,
  }
}

/** Whether the question is about series with these labels. */
export function isAsked({ where }: Question, labels: Readonly<Record<string, string>>): boolean {
  for (const [label, values] of where) if (!values.has(labels[label])) return false
  return true
}

/** The labels by which series of a metric are told apart. */
export function labelsApart({ by }: Question, { labels }: KeptMetric): readonly string[] {
  return by === undefined ? labels : labels.filter((label) => by.includes(label))
}

const own = ['names', 'by', 'top', 'since']
const known = new Set([...keptMetrics.values()].flatMap(({ labels }) => labels))

function metricOf(name: string): KeptMetric {
  const metric = keptMetrics.get(name)
  if (metric !== undefined) return metric
  const hint = didYouMean(name, [...keptMetrics.keys()])
  return refuse('names', 'must be metrics that the console keeps', `${show(name)}${hint}`)
}

function requireLabel(label: string, expected: string, parameter = label): void {
  if (!known.has(label)) refuse(parameter, expected, `${show(label)}${didYouMean(label, [...known])}`)
}

function numberOf(parameters: URLSearchParams, parameter: string, lowest: number): number {
  const text = parameters.get(parameter) ?? ''
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1
  if (value >= lowest) return value
  return refuse(parameter, `must be a number from ${lowest} on`, show(text))
}

function listOf(text: string): readonly string[] {
  return [...new Set(text.split(',').flatMap((part) => part.trim() || []))]
}

function refuse(parameter: string, expected: string, got: string): never {
  throw new PresageError('BAD_REQUEST', `${parameter}: ${expected}, got ${got}`)
}
