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
function textOf({ first, paths }: PlacedErrors, formatError: FormatError): string {
  const { message, locations, path, ...rest } = formatErrors([first], formatError)[0]
  const head = JSON.stringify({ message, locations }).slice(0, -1)
  const tail = JSON.stringify(rest).slice(1)
  const { positions, between } = partsOf(path!)
  const start = `${head},"path":[${between[0]}`
  const end = `${between[positions.length]}],${tail}`
  const next = `${end},${start}`
  let text = start
  for (let one = 0; one < paths.length; one++) {
    if (one > 0) text += next
    for (let at = 0; at < positions.length; at++) {
      if (at > 0) text += between[at]
      text += paths[one][positions[at]]
    }
  }
  return text + end
}

/** Where a path has its indexes, and what stands before, between and after these. */
function partsOf(path: readonly (string | number)[]): {
  readonly positions: readonly number[]
  readonly between: readonly string[]
} {
  const positions: number[] = []
  const between = ['']
  path.forEach((key, at) => {
    const comma = at === 0 ? '' : ','
    if (typeof key === 'number') {
      between[positions.length] += comma
      positions.push(at)
      between.push('')
    } else between[positions.length] += comma + JSON.stringify(key)
  })
  return { positions, between }
}
