import type { Operators, Scalar } from '../ruleSet'

/** These tell values apart by equality alone, so that all strings that rules do not name are alike. */
const byEquality = new Set(['eq', 'ne', 'in', 'notIn', 'exists'])

/** Strings that no rule names and that are told apart all the same, and their greatest length: a header may hold anything. */
const maxMet = 256
const maxLength = 128

const absent = 0
const isTrue = 1
const isFalse = 2
const otherString = 3
const firstNumber = 4

/**
 * Small whole numbers for the values of one key, such that no rule tells apart two values of one id. Numbers go by the
 * bounds that rules name, since between two of them all are alike; strings by name.
 */
export class ValueIds {
  /** Ids are below this. */
  readonly size: number
  private readonly bounds: Float64Array
  private readonly strings = new Map<string, number>()
  private readonly named: number
  /** Strings get no further ids: they are all alike, or there is no room. */
  private readonly isByEquality: boolean

  /** `demands`: of all rules, what they ask of this key. */
  constructor(demands: readonly Operators[]) {
    const operands = demands.flatMap((operators) => Object.values(operators)).flat() as Scalar[]
    this.bounds = Float64Array.from(new Set(operands.filter((operand) => typeof operand === 'number'))).sort()
    let next = firstNumber + 2 * this.bounds.length + 1
    for (const operand of operands) {
      if (typeof operand === 'string' && !this.strings.has(operand)) this.strings.set(operand, next++)
    }
    this.named = next
    this.isByEquality = demands.every((operators) =>
      Object.keys(operators).every((name) => byEquality.has(name)),
    )
    this.size = this.isByEquality ? next : next + maxMet
  }

  /** The id of a value; undefined is an absent one. -1 for what has none. */
  of(value: unknown): number {
    if (typeof value === 'string') return this.strings.get(value) ?? this.ofOther(value)
    if (value === undefined) return absent
    if (typeof value === 'number') return this.ofNumber(value)
    return value === true ? isTrue : value === false ? isFalse : -1
  }

  /** Gives up the ids of strings that no rule names. */
  forget(): void {
    for (const [text, id] of this.strings) if (id >= this.named) this.strings.delete(text)
  }

  private ofOther(text: string): number {
    if (this.isByEquality) return otherString
    const id = this.nextId()
    if (id >= this.size || text.length > maxLength) return -1
    this.strings.set(text, id)
    return id
  }

  private nextId(): number {
    return firstNumber + 2 * this.bounds.length + 1 + this.strings.size
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
    if (bounds[low] === value) return firstNumber + 2 * low + 1
    return Number.isNaN(value) ? -1 : firstNumber + 2 * low
  }
}
