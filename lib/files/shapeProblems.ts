import type { z } from 'zod'
import { LoadError, show } from '../errors'
import { fewProblems } from './fileProblems'
import { didYouMean } from './nearMiss'

/**
 * Checks a value against a shape and returns it typed. Throws `LoadError` with every problem, as `file:line:
 * path: expectation, got what`. The path of an unknown key leads to the key. Without `place` there are no lines.
 */
export function parseShape<T>(
  shape: z.ZodType<T>,
  value: unknown,
  file: string,
  place: PlaceOf = () => file,
): T {
  const result = shape.safeParse(value, { error: knownKeys })
  if (result.success) return result.data
  const problems = shapeProblems(result.error.issues, value).map(({ path, message }) => {
    const dotted = path.map(keyText).join('.')
    return [place(dotted), ...(dotted === '' ? [] : [dotted]), message].join(': ')
  })
  throw new LoadError(fewProblems(problems, file))
}

/** `file:line` of a dotted path such as `objectives.RATE.canary.percent`; the file alone where no line is known. */
export type PlaceOf = (path: string) => string

export interface ShapeProblem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** An issue of a refinement whose message is complete, including what came. */
export function finishedIssue(path: readonly PropertyKey[], message: string) {
  return { code: 'custom' as const, path: [...path], message, params: { finished: true } }
}

/** Turns zod's issues into our form: the shape's message, or one made from zod's expectation, followed by what came. */
export function shapeProblems(issues: readonly z.core.$ZodIssue[], value: unknown): ShapeProblem[] {
  return issues.flatMap((issue) => {
    const { path } = issue
    if (issue.code === 'custom' && issue.params?.finished) return [{ path, message: issue.message }]
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key, place) => ({
          path: [...path, key],
          // Of so many nobody reads what was meant.
          message: place < 100 ? unknownKey(key, issue.message) : issue.message,
        }))
      case 'invalid_key':
        return [{ path, message: `${issue.issues[0].message}, got ${show(String(path.at(-1)))}` }]
      case 'invalid_union': {
        const meant = meantAlternative(issue)
        if (meant !== undefined) {
          const inner = meant.map((one) => ({ ...one, path: [...path, ...one.path] }))
          return shapeProblems(inner, value)
        }
        return [{ path, message: `${expectation(issue)}, got ${show(valueAt(value, path))}` }]
      }
      default:
        return [{ path, message: `${expectation(issue)}, got ${show(valueAt(value, path))}` }]
    }
  })
}

/**
 * The issues of the alternative of a union that was probably meant: the value has its kind, the issues are inside the
 * value, and no other alternative knows as many of its keys.
 */
function meantAlternative({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const ofKind = errors.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  const unknown = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce(
      (sum, one) => sum + (one.code === 'unrecognized_keys' && one.path.length === 0 ? one.keys.length : 0),
      0,
    )
  const least = Math.min(...ofKind.map(unknown))
  const meant = ofKind.filter((issues) => unknown(issues) === least)
  return meant.length === 1 ? meant[0] : undefined
}

/** The sentence for a key that an object does not have, whose own keys are `keys`. */
export function notAKey(keys: readonly string[]): string {
  return `${notAKeyStart}${keys.join(', ')}`
}

const notAKeyStart = 'is not one of the keys '

/** Tells the keys of an object that has no message of its own for those that it does not know. */
function knownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined
  return notAKey(Object.keys((issue.inst as z.ZodObject | undefined)?.shape ?? {}))
}

function unknownKey(key: string, message: string): string {
  if (!message.startsWith(notAKeyStart)) return message
  const keys = message.slice(notAKeyStart.length).split(', ')
  const meant = didYouMean(key, keys)
  // A list that nobody needs any more would hide it.
  return meant !== '' && keys.length > 12 ? `is not a known key${meant}` : `${message}${meant}`
}

function expectation(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too (big|small))/.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      // Of a key that may have any value.
      return issue.expected === 'nonoptional' ? 'must be given' : `must be ${withArticle(issue.expected)}`
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'too_small':
      return `must be at least ${issue.minimum}`
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`
    case 'invalid_union': {
      const whole = issue.errors.flatMap((alternative) =>
        alternative.filter((inner) => inner.path.length === 0),
      )
      const words = whole.map((inner) => expectation(inner).replace(/^must be /, ''))
      return words.length > 0 ? `must be ${[...new Set(words)].join(' or ')}` : issue.message
    }
    default:
      return issue.message
  }
}

function withArticle(type: string): string {
  if (type === 'int') return 'a whole number'
  const word = type === 'record' ? 'object' : type
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`
}

/** A key as written in the file. A key that would break or fill the line is quoted and shortened. */
export function keyText(key: PropertyKey): string {
  const text = String(key)
  return text.length > 80 || /[\p{Cc}\u2028\u2029]/u.test(text) ? show(text) : text
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const key of path) here = (here as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key]
  return here
}
