import type { Column } from '../../lib/column'
import { show } from '../../lib/errors'
import type { InputSpec } from '../contracts/objective'
import type { ValueType } from '../types/valueType'
import { canonicalItems, compileCanonical } from './canonical'

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
   * Whether every row of a column is canonical, so that the column itself can stand for what `column` would make of it.
   * `isFloat32`: the items of all its lists are known to be numbers within float32, and need not be looked at for that again.
   */
  takes(raw: Column, rows: number, isFloat32?: boolean): boolean
  /**
   * Canonical values, one per row; `refuse` is told of each row that must not be predicted (null stands in its
   * place). A whole column may be absent.
   */
  column(raw: Column | undefined, rows: number, refuse: (row: number, refusal: Refusal) => void): unknown[]
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
  const mayBeAbsent = hasDefault || spec.nullable
  const expectation = expectationOf(spec.type)
  const isCanonical = compileCanonical(spec, defaultMaxLength)
  return {
    value: check,
    takes: (raw, rows, isFloat32 = false) => raw.length === rows && isCanonical(raw, isFloat32),
    column(raw, rows, refuse) {
      const admitted: unknown[] = new Array(rows)
      for (let row = 0; row < rows; row++) {
        const value = raw?.[row]
        if (value !== undefined && value !== null) {
          const canonical = check(value)
          if (canonical instanceof Refusal) {
            refuse(row, canonical)
            admitted[row] = null
          } else admitted[row] = canonical
        } else if (value === null && spec.onNull === 'missing') {
          admitted[row] = spec.nullable ? null : whenAbsent
        } else if (value === undefined && mayBeAbsent) {
          admitted[row] = whenAbsent
        } else {
          refuse(row, new Refusal(expectation, show(value)))
          admitted[row] = null
        }
      }
      return admitted
    },
  }
}

function checkOf(spec: InputSpec): Check {
  if (spec.type.kind === 'list') return listCheck(spec, scalarCheck(spec.type.of, spec.range, undefined))
  return scalarCheck(spec.type, spec.range, spec.maxLength)
}

function scalarCheck(type: ValueType, range: InputSpec['range'], maxLength: number | undefined): Check {
  const expectation = expectationOf(type)
  switch (type.kind) {
    case 'Int':
      return numberCheck(Number.isSafeInteger, expectation, range)
    case 'Float':
      return numberCheck(fitsFloat32, expectation, range)
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? value : new Refusal(expectation, show(value)))
    case 'String':
      return textCheck((value) => (typeof value === 'string' ? value : undefined), expectation, maxLength)
    case 'ID':
      return textCheck(idText, expectation, maxLength)
    default: {
      const labels = new Set<unknown>(type.kind === 'enum' ? type.labels : [])
      return (value) => (labels.has(value) ? value : new Refusal(expectation, show(value)))
    }
  }
}

function numberCheck(
  fits: (value: number) => boolean,
  expectation: string,
  range: InputSpec['range'],
): Check {
  const [lowest, highest] = range ?? [-Infinity, Infinity]
  const inRange = `must be from ${lowest} to ${highest}`
  return (value) => {
    if (typeof value !== 'number' || !fits(value)) return new Refusal(expectation, show(value))
    if (value < lowest || value > highest) return new Refusal(inRange, show(value))
    return value
  }
}

/** Rounding to float32 turns what lies beyond into infinity, and leaves NaN and infinity as they are. */
function fitsFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value))
}

function idText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Number.isSafeInteger(value) ? String(value) : undefined
}

function textCheck(
  read: (value: unknown) => string | undefined,
  expectation: string,
  maxLength = Infinity,
): Check {
  const short = `must have at most ${maxLength} characters`
  return (value) => {
    const text = read(value)
    if (text === undefined) return new Refusal(expectation, show(value))
    // UTF-16 units are never fewer than characters, so the costly count is for long texts only.
    if (text.length > maxLength && [...text].length > maxLength)
      return new Refusal(short, `${[...text].length}`)
    return text
  }
}

function listCheck(spec: InputSpec, item: Check): Check {
  const expectation = expectationOf(spec.type)
  const lowest = spec.length ?? 0
  const highest = spec.length ?? spec.maxLength ?? defaultMaxLength
  const isCanonical = canonicalItems(spec)
  const size = spec.length === undefined ? `must have at most ${highest} items` : `must have ${highest} items`
  return (value) => {
    if (!Array.isArray(value)) return new Refusal(expectation, show(value))
    if (value.length < lowest || value.length > highest) return new Refusal(size, `${value.length}`)
    // A list that is canonical already, as nearly all are, is taken as it is.
    if (isCanonical?.(value)) return value
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
