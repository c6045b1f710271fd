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

function impliesRange({ range: given }: InputSpec, { range: wanted }: InputSpec): boolean {
  if (wanted === undefined) return true
  return given !== undefined && given[0] >= wanted[0] && given[1] <= wanted[1]
}

function impliesLengths(given: InputSpec, wanted: InputSpec): boolean {
  if (given.type.kind !== 'list') return (given.maxLength ?? Infinity) <= (wanted.maxLength ?? Infinity)
  const longest = ({ length, maxLength }: InputSpec) => length ?? maxLength ?? defaultMaxLength
  return (given.length ?? 0) >= (wanted.length ?? 0) && longest(given) <= longest(wanted)
}
