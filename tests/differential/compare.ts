import type { Answer, AnswerError } from './answer'
import {
  codeOf,
  isAllowedBelowNull,
  isForItsSubgraph,
  isForWantOfAnother,
  isOfARequiredField,
  knowsNothingOf,
  mayStandElsewhere,
} from './freedoms'
import { withExpectedDigits } from './samePredictions'

/** How two answers differ: a kind to group by, and what differs. */
export interface Difference {
  readonly kind:
    | 'data'
    | 'order'
    | 'refused'
    | 'accepted'
    | 'errors'
    | 'code'
    | 'location'
    | 'effects'
    | 'message'
  readonly detail: string
}

/** The first difference between what graphql-js answers and what came, beside the freedoms; undefined where there is none. */
export function compare(expected: Answer, answer: Answer): Difference | undefined {
  const got = withExpectedDigits(expected, answer)
  if (isRefused(expected) && expected.errors.every(isForItsSubgraph)) return undefined
  return (
    compareRefusal(expected, got) ??
    compareData(expected, got) ??
    compareEffects(expected, got) ??
    compareErrors(expected, got)
  )
}

/** Whether nothing was executed at all. */
export function isRefused({ dataText, errors }: Answer): boolean {
  return (
    (dataText === undefined || dataText === 'null') &&
    errors.length > 0 &&
    errors.every(({ path }) => path === undefined)
  )
}

function compareRefusal(expected: Answer, got: Answer): Difference | undefined {
  const [before, now] = [isRefused(expected), isRefused(got)]
  if (before === now) return undefined
  if (now) return { kind: 'refused', detail: got.errors.map(describe).join('; ') }
  return { kind: 'accepted', detail: `graphql-js refuses: ${expected.errors.map(describe).join('; ')}` }
}

function compareData(expected: Answer, got: Answer): Difference | undefined {
  if (isRefused(expected) || expected.dataText === got.dataText) return undefined
  const [before, now] = [sorted(expected.dataText), sorted(got.dataText)]
  return before === now
    ? { kind: 'order', detail: 'the same data, keys in another order' }
    : { kind: 'data', detail: 'other data' }
}

function compareEffects(expected: Answer, got: Answer): Difference | undefined {
  const [before, now] = [expected.log.join('\n'), got.log.join('\n')]
  return before === now
    ? undefined
    : { kind: 'effects', detail: `mutations that ran: expected ${before || 'none'}; got ${now || 'none'}` }
}

function compareErrors(expected: Answer, got: Answer): Difference | undefined {
  if (isRefused(expected)) return undefined
  const data: unknown = JSON.parse(expected.dataText ?? 'null')
  const before = byPlace(expected.errors, data)
  const now = byPlace(got.errors, data)
  for (const [place, errors] of before) {
    if (!now.has(place))
      return { kind: 'errors', detail: `no error where there must be ${errors.map(describe).join('; ')}` }
  }
  for (const [place, errors] of now) {
    const wanted = before.get(place)
    if (wanted === undefined)
      return { kind: 'errors', detail: `an error too many: ${errors.map(describe).join('; ')}` }
    const difference = comparePlace(place, wanted, errors)
    if (difference) return difference
  }
  return undefined
}

/** The errors for one null of the answer. */
function comparePlace(
  place: string,
  expected: readonly AnswerError[],
  got: readonly AnswerError[],
): Difference | undefined {
  const wanted = new Map(expected.map((error) => [pathOf(error), error]))
  const seen = new Set<string>()
  let reasons = 0
  for (const error of got) {
    const path = pathOf(error)
    if (seen.has(path)) return { kind: 'errors', detail: `twice: ${describe(error)}` }
    seen.add(path)
    // Only of what is below the null: the null itself must be told rightly.
    if (path !== place && isForWantOfAnother(error)) continue
    reasons++
    const same = wanted.get(path)
    if (same !== undefined) {
      const difference = compareError(same, error, path !== place)
      if (difference) return difference
    } else if (path === place && isOfARequiredField(error, expected)) {
      reasons--
    } else if (path === place || !isAllowedBelowNull(error)) {
      return { kind: 'errors', detail: `another error: ${describe(error)}` }
    }
  }
  if (reasons > 0) return undefined
  return {
    kind: 'errors',
    detail: `none of the errors says why ${place} is null: ${got.map(describe).join('; ')}`,
  }
}

/** Two errors of one path. */
function compareError(expected: AnswerError, got: AnswerError, isBelowNull: boolean): Difference | undefined {
  const both = `expected ${describe(expected)}, got ${describe(got)}`
  const isOther = (extension: string) => expected.extensions?.[extension] !== got.extensions?.[extension]
  if (codeOf(expected) !== codeOf(got) || isOther('of')) return { kind: 'code', detail: both }
  if (!knowsNothingOf(got) && expected.message !== got.message) return { kind: 'message', detail: both }
  const [before, now] = [JSON.stringify(expected.locations), JSON.stringify(got.locations)]
  if (before === now || mayStandElsewhere(expected, isBelowNull)) return undefined
  return { kind: 'location', detail: `expected ${before}, got ${now} at ${pathOf(got)}` }
}

/** Errors by the null that they led to: their own place, or that of what was nulled above it. */
function byPlace(errors: readonly AnswerError[], data: unknown): ReadonlyMap<string, AnswerError[]> {
  const places = new Map<string, AnswerError[]>()
  for (const error of errors) {
    let value = data
    const walked: (string | number)[] = []
    for (const key of error.path ?? []) {
      if (value === null || value === undefined) break
      value = (value as Record<string | number, unknown>)[key]
      walked.push(key)
    }
    const place = value === null || value === undefined ? walked.join('.') : `${walked.join('.')} (not null)`
    places.set(place, [...(places.get(place) ?? []), error])
  }
  return places
}

function pathOf({ path }: AnswerError): string {
  return path?.join('.') ?? ''
}

function describe(error: AnswerError): string {
  return `${codeOf(error)} ${JSON.stringify(error.message)} at ${pathOf(error) || 'no path'}`
}

/** The same text for the same data, in whatever order. */
function sorted(text: string | undefined): string {
  return JSON.stringify(JSON.parse(text ?? 'null'), (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
