import type { GraphQLError } from 'graphql'
import { type FormatError, formatErrors } from '../formatError'
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

/** What the errors have in common is written once, and copied. */
function textOf({ first, path, position, count }: PlacedErrors, formatError: FormatError): string {
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
