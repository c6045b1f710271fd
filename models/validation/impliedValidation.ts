import type { InputSpec } from '../contracts/objective'
import { typeFits } from '../types/typeFits'
import { defaultMaxLength } from './validator'

/** Whether every value that `given` accepts is accepted unchanged by `wanted`, which need not be checked then. */
export function impliesValidation(given: InputSpec, wanted: InputSpec): boolean {
  return (
    typeFits(given.type, wanted.type) &&
    impliesNulls(given, wanted) &&
    impliesRange(given, wanted) &&
    impliesLengths(given, wanted)
  )
}

function impliesNulls(given: InputSpec, wanted: InputSpec): boolean {
  const yieldsNull = given.nullable || (Object.hasOwn(given, 'default') && given.default === null)
  return !yieldsNull || (wanted.nullable && wanted.onNull === 'missing')
}

/** Whether every number that `given` accepts is within the range of `wanted`. */
export function impliesRange({ range: given }: InputSpec, { range: wanted }: InputSpec): boolean {
  if (wanted === undefined) return true
  return given !== undefined && given[0] >= wanted[0] && given[1] <= wanted[1]
}

function impliesLengths(given: InputSpec, wanted: InputSpec): boolean {
  return (given.length ?? 0) >= (wanted.length ?? 0) && mostItems(given) <= mostItems(wanted)
}

/** The most items of a list, or characters of a text. */
export function mostItems({ type, length, maxLength }: InputSpec): number {
  return length ?? maxLength ?? (type.kind === 'list' ? defaultMaxLength : Infinity)
}
