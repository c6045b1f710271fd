import type { GraphQLError } from 'graphql'
import { type FormatError, formatErrors } from './formatError'
import type { PlacedErrors } from './sharedErrors'

/** The errors of an answer as JSON, equal to what `JSON.stringify` gives for the single errors. */
export function errorsText(
  errors: readonly GraphQLError[],
  shared: readonly PlacedErrors[],
  formatError: FormatError,
): string {
  if (shared.length === 0) return JSON.stringify(formatErrors(errors, formatError))
  const texts = formatErrors(errors, formatError).map((error) => JSON.stringify(error))
  for (const one of shared) texts.push(textOf(one, formatError))
  return `[${texts.join(',')}]`
}

interface KeptText {
  readonly placed: PlacedErrors
  readonly formatError: FormatError
  readonly text: string
}

/** The last text of each error. */
const kept = new WeakMap<Error, KeptText>()

/**
 * Frozen errors, such as those of limits, are reused for many answers, usually at the same places, so their text is
 * cached.
 */
function textOf(placed: PlacedErrors, formatError: FormatError): string {
  const { originalError: error } = placed.first
  if (error === undefined || !Object.isFrozen(error)) return write(placed, formatError)
  const known = kept.get(error)
  if (known !== undefined && known.formatError === formatError && areSame(known.placed, placed))
    return known.text
  const text = write(placed, formatError)
  kept.set(error, { placed, formatError, text })
  return text
}

/** Whether two errors have the same places in the same document. */
function areSame(one: PlacedErrors, other: PlacedErrors): boolean {
  if (one.count !== other.count || one.position !== other.position) return false
  return areEqual(one.path, other.path) && areEqual(one.first.nodes ?? [], other.first.nodes ?? [])
}

function areEqual(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** Writes the common parts of the errors once, and repeats them for each index. */
function write({ first, path, position, count }: PlacedErrors, formatError: FormatError): string {
  const { message, locations, path: _, ...rest } = formatErrors([first], formatError)[0]
  const before = JSON.stringify(path.slice(0, position)).slice(0, -1)
  const after = JSON.stringify(path.slice(position + 1)).slice(1)
  const head = JSON.stringify({ message, locations }).slice(0, -1)
  const start = `${head},"path":${before}${position === 0 ? '' : ','}`
  const end = `${position === path.length - 1 ? '' : ','}${after},${JSON.stringify(rest).slice(1)}`
  const index = path[position] as number
  const indexes = Array.from({ length: count }, (_, at) => index + at)
  // One `join` makes a flat string; appending piece by piece would make a tree of strings first.
  return `${start}${indexes.join(`${end},${start}`)}${end}`
}
