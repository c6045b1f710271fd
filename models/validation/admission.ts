import type { Column } from '../../lib/column'
import { show } from '../../lib/errors'
import type { InputSpec } from '../contracts/objective'
import { float32Highest } from '../types/elementType'
import { areFloat32 } from '../types/numberList'
import type { ValueType } from '../types/valueType'
import { compileWholeColumn } from './wholeColumn'

/** The longest list that is taken where nothing else is said. */
export const defaultMaxLength = 4096

/** Why a value was not admitted: `must be a whole number`, `"x"`. */
export class Refusal {
  constructor(
    readonly expectation: string,
    readonly got: string,
  ) {}
}

/** Gives the canonical form of a value that is neither null nor absent, or a `Refusal`. */
type Check = (value: unknown) => unknown

/** Admits the values of one input or feature, row by row. */
export interface Admission {
  /**
   * Canonical values, one per row: `raw` itself where all of it is canonical. `refuse` is told of each row that must not be
   * predicted (null stands in its place). A whole column may be absent.
   */
  column(raw: Column | undefined, rows: number, refuse: (row: number, refusal: Refusal) => void): Column
  /** One present value, such as a default. */
  value: Check
}

/**
 * Canonical forms: ids as text, whole numbers for Int, finite numbers within float32 for Float, labels for
 * enums, lists without nulls. Absent values take the default; so does null, unless the input is nullable.
 * Without default both are null, which only a nullable input takes.
 */
export function compileAdmission(spec: InputSpec): Admission {
  const check = checkOf(spec)
  const hasDefault = Object.hasOwn(spec, 'default')
  const whenAbsent = !hasDefault || spec.default === null ? null : check(spec.default)
  const refused = (got: unknown) => new Refusal(expectationOf(spec.type), show(got))
  const ofAbsent = hasDefault || spec.nullable ? whenAbsent : refused(undefined)
  const ofNull = spec.onNull === 'error' ? refused(null) : spec.nullable ? null : whenAbsent
  const areCanonical = compileWholeColumn(spec.type, spec.range, spec.maxLength)
  return {
    value: check,
    column(raw, rows, refuse) {
      if (raw?.length === rows && areCanonical?.(raw)) return raw
      const given = raw?.length === rows ? raw : Array.from({ length: rows }, (_, row) => raw?.[row])
      let copy: unknown[] | undefined
      for (let row = 0; row < rows; row++) {
        const value = given[row]
        let admitted = value === null ? ofNull : value === undefined ? ofAbsent : check(value)
        if (admitted === value) continue
        if (admitted instanceof Refusal) {
          refuse(row, admitted)
          admitted = null
        }
        copy ??= given.slice()
        copy[row] = admitted
      }
      return copy ?? given
    },
  }
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
      return (value) => (typeof value === 'boolean' ? value : new Refusal(expectation, show(value)))
    case 'String':
      return textCheck(false, expectation, maxLength)
    case 'ID':
      return textCheck(true, expectation, maxLength)
    default: {
      const labels = new Set<unknown>(type.kind === 'enum' ? type.labels : [])
      return (value) => (labels.has(value) ? value : new Refusal(expectation, show(value)))
    }
  }
}

/** `most`: the highest number that the type holds; `-most` is the lowest. */
function numberCheck(isWhole: boolean, most: number, expectation: string, range: InputSpec['range']): Check {
  const [lowest, highest] = range ?? [-most, most]
  const inRange = `must be from ${lowest} to ${highest}`
  return (value) => {
    // Asked this way round, NaN is refused.
    if (typeof value !== 'number' || !(Math.abs(value) <= most) || (isWhole && !Number.isInteger(value)))
      return new Refusal(expectation, show(value))
    if (value < lowest || value > highest) return new Refusal(inRange, show(value))
    return value
  }
}

function textCheck(takesNumbers: boolean, expectation: string, maxLength = Infinity): Check {
  const short = `must have at most ${maxLength} characters`
  return (value) => {
    const text = takesNumbers && Number.isSafeInteger(value) ? String(value) : value
    if (typeof text !== 'string') return new Refusal(expectation, show(value))
    // UTF-16 units are never fewer than characters, so the costly count is for long texts only.
    if (text.length > maxLength && [...text].length > maxLength)
      return new Refusal(short, `${[...text].length}`)
    return text
  }
}

function listCheck(spec: InputSpec, of: ValueType): Check {
  const item = scalarCheck(of, spec.range, undefined)
  // Lists of numbers have a loop that meets no columns: the fewer kinds of arrays one meets, the faster it is.
  const areCanonical =
    of.kind === 'Float' && spec.range === undefined
      ? areFloat32
      : compileWholeColumn(of, spec.range, undefined)
  const expectation = expectationOf(spec.type)
  const lowest = spec.length ?? 0
  const highest = spec.length ?? spec.maxLength ?? defaultMaxLength
  const size = spec.length === undefined ? `must have at most ${highest} items` : `must have ${highest} items`
  return (value) => {
    if (!Array.isArray(value)) return new Refusal(expectation, show(value))
    if (value.length < lowest || value.length > highest) return new Refusal(size, `${value.length}`)
    if (areCanonical?.(value)) return value
    let canonical: unknown[] = value
    for (let at = 0; at < value.length; at++) {
      const admitted = item(value[at])
      if (admitted instanceof Refusal) return new Refusal(`item ${at} ${admitted.expectation}`, admitted.got)
      if (admitted === value[at]) continue
      if (canonical === value) canonical = value.slice()
      canonical[at] = admitted
    }
    return canonical
  }
}

function expectationOf(type: ValueType): string {
  switch (type.kind) {
    case 'Int':
      return 'must be a whole number'
    case 'Float':
      return 'must be a number within float32'
    case 'Boolean':
      return 'must be true or false'
    case 'String':
      return 'must be text'
    case 'ID':
      return 'must be an id (text or a whole number)'
    case 'enum':
      return `must be one of ${type.labels.join(', ')}`
    default:
      return 'must be a list'
  }
}
