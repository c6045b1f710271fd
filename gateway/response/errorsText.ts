import type { GraphQLError } from 'graphql'
import { type FormatError, formatErrors } from './formatError'
import type { PlacedErrors } from './sharedErrors'

/** The errors of an answer as JSON, which is what `JSON.stringify` gives for all of them one by one. */
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

/** By error, the last text of it. */
const kept = new WeakMap<Error, KeptText>()

/**
 * An error that is frozen is made once and answered again and again, as those of limits are: most often at the same
 * places.
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

/** Whether the same error stands at the same places of the same document. */
function areSame(one: PlacedErrors, other: PlacedErrors): boolean {
  if (one.count !== other.count || one.position !== other.position) return false
  return areEqual(one.path, other.path) && areEqual(one.first.nodes ?? [], other.first.nodes ?? [])
}

function areEqual(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** What the errors have in common is written once, and copied. */
function write({ first, path, position, count }: PlacedErrors, formatError: FormatError): string {
  const { message, locations, path: _, ...rest } = formatErrors([first], formatError)[0]
  const before = JSON.stringify(path.slice(0, position)).slice(0, -1)
  const after = JSON.stringify(path.slice(position + 1)).slice(1)
  const head = JSON.stringify({ message, locations }).slice(0, -1)
  const start = `${head},"path":${before}${position === 0 ? '' : ','}`
  const end = `${position === path.length - 1 ? '' : ','}${after},${JSON.stringify(rest).slice(1)}`
  const index = path[position] as number
  const indexes = Array.from({ length: count }, (_, at) => index + at)
  // One copy into one text: to add piece to piece would make a tree of pieces first.
  return `${start}${indexes.join(`${end},${start}`)}${end}`
}
