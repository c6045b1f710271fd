import type { Column } from '../../lib/column'
import { show } from '../../lib/errors'
import { areTexts } from '../../lib/execution/itemKinds'
import type { InputSpec } from '../contracts/objective'
import { float32Highest, safeRange } from '../types/elementType'
import { areFloat32, isChecked } from '../types/numberList'
import type { ValueType } from '../types/valueType'

/** The default of the longest list. */
export const defaultMaxLength = 4096

/** Why a value is invalid: `must be a whole number`, `"x"`. */
export class ValidationError {
  constructor(
    readonly expectation: string,
    readonly got: string,
  ) {}
}

/** Returns the normalized form of a value that is neither null nor absent, or a `ValidationError`. */
type Check = (value: unknown) => unknown

/** Validates the values of one input or feature, row by row. */
export interface Validator {
  /**
   * Returns normalized values, one per row: `raw` itself if it is normalized already. `refuse` is called for each row
   * that must not be predicted (its value becomes null). The whole column may be absent.
   */
  column(raw: Column | undefined, rows: number, refuse: (row: number, error: ValidationError) => void): Column
  /** Validates one present value, such as a default. */
  value: Check
}

/**
 * Normalized forms: ids as text, whole numbers for Int, finite numbers within float32 for Float, labels for enums,
 * lists without nulls. Absent values get the default, as does null unless the input is nullable. Without a default both
 * become null, which only a nullable input accepts.
 */
export function compileValidator(spec: InputSpec): Validator {
  const check = checkOf(spec)
  const hasDefault = Object.hasOwn(spec, 'default')
  const whenAbsent = !hasDefault || spec.default === null ? null : check(spec.default)
  const refused = (got: unknown) => new ValidationError(expectationOf(spec.type), show(got))
  const ofAbsent = hasDefault || spec.nullable ? whenAbsent : refused(undefined)
  const ofNull = spec.onNull === 'error' ? refused(null) : spec.nullable ? null : whenAbsent
  const areNormalized = isFloat32List(spec)
    ? (lists: Column) => areFloat32Lists(lists, spec)
    : compileAllNormalized(spec.type, spec.range, spec.maxLength)
  return {
    value: check,
    column(raw, rows, refuse) {
      if (raw?.length === rows && areNormalized?.(raw)) return raw
      const given = raw?.length === rows ? raw : Array.from({ length: rows }, (_, row) => raw?.[row])
      let copy: unknown[] | undefined
      for (let row = 0; row < rows; row++) {
        const value = given[row]
        let validated = value === null ? ofNull : value === undefined ? ofAbsent : check(value)
        if (validated === value) continue
        if (validated instanceof ValidationError) {
          refuse(row, validated)
          validated = null
        }
        copy ??= given.slice()
        copy[row] = validated
      }
      return copy ?? given
    },
  }
}

function isFloat32List({ type, range }: InputSpec): boolean {
  return type.kind === 'list' && type.of.kind === 'Float' && range === undefined
}

function areFloat32Lists(lists: Column, spec: InputSpec): boolean {
  const isKnown = isChecked(lists)
  const [lowest, highest] = lengthsOf(spec)
  for (let row = 0; row < lists.length; row++) {
    const list = lists[row]
    if (!Array.isArray(list) || list.length < lowest || list.length > highest) return false
    if (!isKnown && !areFloat32(list)) return false
  }
  return true
}

function lengthsOf({ length, maxLength }: InputSpec): readonly [lowest: number, highest: number] {
  return [length ?? 0, length ?? maxLength ?? defaultMaxLength]
}

function checkOf(spec: InputSpec): Check {
  if (spec.type.kind === 'list') return listCheck(spec, spec.type.of)
  return scalarCheck(spec.type, spec.range, spec.maxLength)
}

function scalarCheck(type: ValueType, range: InputSpec['range'], maxLength: number | undefined): Check {
  const expectation = expectationOf(type)
  switch (type.kind) {
    case 'Int':
      return numberCheck(true, Number.MAX_SAFE_INTEGER, expectation, range)
    case 'Float':
      return numberCheck(false, float32Highest, expectation, range)
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? value : new ValidationError(expectation, show(value)))
    case 'String':
      return textCheck(false, expectation, maxLength)
    case 'ID':
      return textCheck(true, expectation, maxLength)
    default: {
      const labels = new Set<unknown>(type.kind === 'enum' ? type.labels : [])
      return (value) => (labels.has(value) ? value : new ValidationError(expectation, show(value)))
    }
  }
}

/** `most` is the highest number of the type; `-most` is the lowest. */
function numberCheck(isWhole: boolean, most: number, expectation: string, range: InputSpec['range']): Check {
  const [lowest, highest] =
    range === undefined ? [-most, most] : [Math.max(range[0], -most), Math.min(range[1], most)]
  const inRange = range === undefined ? `${expectation} ${safeRange}` : `must be from ${lowest} to ${highest}`
  return (value) => {
    // Written so that NaN is refused.
    if (typeof value !== 'number' || !(isWhole ? Number.isInteger(value) : Math.abs(value) <= most))
      return new ValidationError(expectation, show(value))
    if (value < lowest || value > highest) return new ValidationError(inRange, show(value))
    return value
  }
}

function textCheck(takesNumbers: boolean, expectation: string, maxLength = Infinity): Check {
  const short = `must have at most ${maxLength} characters`
  return (value) => {
    const text = takesNumbers && Number.isSafeInteger(value) ? String(value) : value
    if (typeof text !== 'string') return new ValidationError(expectation, show(value))
    // There are at least as many UTF-16 units as characters, so only long texts need the slower count.
    if (text.length > maxLength && [...text].length > maxLength)
      return new ValidationError(short, `${[...text].length}`)
    return text
  }
}

function listCheck(spec: InputSpec, of: ValueType): Check {
  const item = scalarCheck(of, spec.range, undefined)
  const areNormalized = isFloat32List(spec) ? areFloat32 : compileAllNormalized(of, spec.range, undefined)
  const expectation = expectationOf(spec.type)
  const [lowest, highest] = lengthsOf(spec)
  const size = spec.length === undefined ? `must have at most ${highest} items` : `must have ${highest} items`
  return (value) => {
    if (!Array.isArray(value)) return new ValidationError(expectation, show(value))
    if (value.length < lowest || value.length > highest) return new ValidationError(size, `${value.length}`)
    if (areNormalized?.(value)) return value
    let normalized: unknown[] = value
    for (let at = 0; at < value.length; at++) {
      const validated = item(value[at])
      if (validated instanceof ValidationError)
        return new ValidationError(`item ${at} ${validated.expectation}`, validated.got)
      if (validated === value[at]) continue
      if (normalized === value) normalized = value.slice()
      normalized[at] = validated
    }
    return normalized
  }
}

function expectationOf(type: ValueType): string {
  if (type.kind === 'enum') return `must be one of ${type.labels.join(', ')}`
  return expectations[type.kind] ?? 'must be a list'
}

const expectations: Readonly<Partial<Record<ValueType['kind'], string>>> = {
  Int: 'must be a whole number',
  Float: 'must be a number within float32',
  Boolean: 'must be true or false',
  String: 'must be text',
  ID: `must be an id (text or a whole number ${safeRange})`,
}

type AllNormalized = (values: readonly unknown[]) => boolean

/**
 * Compiles a fast check whether all values of a column, or all items of a list, are normalized already, for numbers and
 * texts. A loop for a single type boxes no number and calls no function. False means only that the values need the full
 * check.
 */
function compileAllNormalized(
  type: ValueType,
  range: InputSpec['range'],
  maxLength: number | undefined,
): AllNormalized | undefined {
  const [lowest, highest] = range ?? [-Infinity, Infinity]
  switch (type.kind) {
    case 'Int':
      return (values) => areWholeWithin(values, lowest, highest)
    case 'Float':
      return (values) =>
        areWithin(values, Math.max(lowest, -float32Highest), Math.min(highest, float32Highest))
    case 'ID':
    case 'String':
      return maxLength === undefined ? areTexts : undefined
    default:
      return undefined
  }
}

function areWholeWithin(values: readonly unknown[], lowest: number, highest: number): boolean {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    if (!Number.isSafeInteger(value) || (value as number) < lowest || (value as number) > highest)
      return false
  }
  return true
}

function areWithin(values: readonly unknown[], lowest: number, highest: number): boolean {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    // Written so that NaN is refused.
    if (typeof value !== 'number' || !(value >= lowest && value <= highest)) return false
  }
  return true
}
