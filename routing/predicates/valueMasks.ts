import type { Operators, Scalar } from '../ruleSet'
import { compileOperators } from './compileCondition'
import type { Predicate } from './operators'

/** Values that are remembered of one key, and their greatest length: a header may hold anything. */
const maxRemembered = 256
const maxLength = 128

/** These tell values apart by equality alone, so that all that are not named are alike. */
const byEquality = new Set(['eq', 'ne', 'in', 'notIn', 'exists'])

/**
 * For one key: which of up to 32 rules a value satisfies, as bits, without asking the rules one by one. Numbers are looked up
 * among the bounds that rules name, since between two of them all are alike; strings in a map, which is complete where
 * rules only compare for equality, and else remembers what it met.
 */
export class ValueMasks {
  private readonly demands: readonly { readonly bit: number; readonly accepts: Predicate }[]
  private readonly strings = new Map<string, number>()
  /** For strings that no rule names; undefined where they are not all alike. */
  private readonly otherString: number | undefined
  private readonly bounds: Float64Array
  /** Below the first bound, at it, between it and the next, ... above the last. */
  private readonly numbers: Int32Array
  private readonly whenAbsent: number
  private readonly whenTrue: number
  private readonly whenFalse: number

  /** By rule, 0 to 31: what must hold, all of it. */
  constructor(demands: ReadonlyMap<number, readonly Operators[]>) {
    this.demands = [...demands].flatMap(([rule, all]) =>
      all.map((operators) => ({ bit: 1 << rule, accepts: compileOperators(operators) })),
    )
    const wanted = [...demands.values()].flat()
    const operands = wanted.flatMap(operandsOf)
    const named = new Set(operands.filter((operand) => typeof operand === 'string'))
    if (wanted.every((operators) => Object.keys(operators).every((name) => byEquality.has(name)))) {
      for (const text of named) this.strings.set(text, this.ask(text))
      let other = '-'
      while (named.has(other)) other += '-'
      this.otherString = this.ask(other)
    }
    const bounds = new Set(operands.filter((operand) => typeof operand === 'number'))
    this.bounds = Float64Array.from(bounds).sort()
    this.numbers = new Int32Array(2 * this.bounds.length + 1)
    for (let place = 0; place < this.numbers.length; place++) {
      this.numbers[place] = this.ask(numberAt(this.bounds, place))
    }
    this.whenAbsent = this.ask(undefined)
    this.whenTrue = this.ask(true)
    this.whenFalse = this.ask(false)
  }

  /** The rules that this value satisfies; undefined is an absent one. */
  of(value: unknown): number {
    if (typeof value === 'string') return this.strings.get(value) ?? this.ofString(value)
    if (value === undefined) return this.whenAbsent
    if (typeof value === 'number') return this.ofNumber(value)
    if (value === true) return this.whenTrue
    if (value === false) return this.whenFalse
    return this.ask(value)
  }

  private ofString(text: string): number {
    if (this.otherString !== undefined) return this.otherString
    const mask = this.ask(text)
    if (text.length > maxLength) return mask
    if (this.strings.size >= maxRemembered) this.strings.clear()
    this.strings.set(text, mask)
    return mask
  }

  private ofNumber(value: number): number {
    const { bounds } = this
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (bounds[middle] < value) low = middle + 1
      else high = middle
    }
    if (bounds[low] === value) return this.numbers[2 * low + 1]
    return Number.isNaN(value) ? this.ask(value) : this.numbers[2 * low]
  }

  private ask(value: unknown): number {
    let mask = -1
    for (const { bit, accepts } of this.demands) if (!accepts(value)) mask &= ~bit
    return mask
  }
}

function operandsOf(operators: Operators): readonly Scalar[] {
  return Object.values(operators).flatMap((operand: Scalar | readonly Scalar[]) => operand)
}

/** Some number of each stretch between bounds; where two bounds have none between them, it is never looked up. */
function numberAt(bounds: Float64Array, place: number): number {
  const above = place >> 1
  if (place % 2 === 1) return bounds[above]
  if (above === 0) return -Infinity
  if (above === bounds.length) return Infinity
  return bounds[above - 1] / 2 + bounds[above] / 2
}
