import type { GraphQLError } from 'graphql'
import { type FormatError, formatErrors } from './formatError'
import { type KeptErrors, keptErrors } from './keptErrors'
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

/** The beginning of an answer's JSON, up to its last error, if its text is kept: `{"errors":[...`. */
export function keptBeginning(
  errors: readonly GraphQLError[],
  shared: readonly PlacedErrors[],
  formatError: FormatError,
): readonly Buffer[] | undefined {
  if (errors.length > 0 || shared.length !== 1) return undefined
  const [placed] = shared
  return keptOf(placed, formatError)?.beginning(placed)
}

function textOf(placed: PlacedErrors, formatError: FormatError): string {
  const kept = keptOf(placed, formatError)
  if (kept !== undefined) return kept.text(placed)
  const { start, end } = partsOf(placed, formatError)
  const index = placed.path[placed.position] as number
  const indexes = Array.from({ length: placed.count }, (_, at) => index + at)
  // One `join` makes a flat string; appending piece by piece would make a tree of strings first.
  return `${start}${indexes.join(`${end},${start}`)}${end}`
}

/** Frozen errors, such as those of limits, come in many answers, mostly at the same fields: texts are kept. */
function keptOf(placed: PlacedErrors, formatError: FormatError): KeptErrors | undefined {
  if (!Object.isFrozen(placed.error)) return undefined
  return keptErrors(placed, formatError, () => partsOf(placed, formatError))
}

/** What stands before and after the index of each of these errors. */
function partsOf(
  { first, path, position }: PlacedErrors,
  formatError: FormatError,
): { readonly start: string; readonly end: string } {
  const { message, locations, path: _, ...rest } = formatErrors([first], formatError)[0]
  const before = JSON.stringify(path.slice(0, position)).slice(0, -1)
  const after = JSON.stringify(path.slice(position + 1)).slice(1)
  const head = JSON.stringify({ message, locations }).slice(0, -1)
  return {
    start: `${head},"path":${before}${position === 0 ? '' : ','}`,
    end: `${position === path.length - 1 ? '' : ','}${after},${JSON.stringify(rest).slice(1)}`,
  }
}
