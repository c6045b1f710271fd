import type { Operators, Scalar } from '../ruleSet/ruleSet'
import { compileOperators } from './compileCondition'
import type { Predicate } from './operators'

/** These tell values apart by equality alone, so that all strings that rules do not name are alike. */
const byEquality = new Set(['eq', 'ne', 'in', 'notIn', 'exists'])

/** Strings that no rule names and that are told apart all the same, and their greatest length: a header may hold anything. */
const maxMet = 256
const maxLength = 128

/** With more demands than this, a value that is met is not asked for all of them: it gets an id of its own. */
const maxDemands = 256

const absent = 0
const isTrue = 1
const isFalse = 2
const otherString = 3
const firstNumber = 4

const notMet = -1

/**
 * Small whole numbers for the values of one key, such that no rule tells apart two values of one id. Values get theirs when
 * they are first met, and one that every rule takes as it takes another gets the same: few ids are few cells to read.
 */
export class ValueIds {
  /** Ids are below this. */
  readonly size: number
  /** What is asked of this key, each once. */
  private readonly demands: readonly Predicate[]
  /** Numbers that rules name; between two of them all are alike. */
  private readonly bounds: Float64Array
  /** The id of what is no string: see the constants, and by bound. */
  private readonly others: Int32Array
  private readonly strings = new Map<string, number>()
  private readonly named: readonly string[]
  private readonly isByEquality: boolean
  /** By what all demands say of a value. */
  private readonly ids = new Map<string, number>()
  private given = 0

  /** `demands`: of all rules, what they ask of this key. */
  constructor(demands: readonly Operators[]) {
    const different = new Map(demands.map((operators) => [JSON.stringify(operators), operators]))
    this.demands = [...different.values()].map(compileOperators)
    const operands = [...different.values()]
      .flatMap((operators) => Object.values(operators))
      .flat() as Scalar[]
    this.bounds = Float64Array.from(new Set(operands.filter((operand) => typeof operand === 'number'))).sort()
    this.others = new Int32Array(firstNumber + 2 * this.bounds.length + 1)
    this.named = [...new Set(operands.filter((operand) => typeof operand === 'string'))]
    this.isByEquality = demands.every((operators) =>
      Object.keys(operators).every((name) => byEquality.has(name)),
    )
    const values = this.others.length + this.named.length + (this.isByEquality ? 0 : maxMet)
    this.size = Math.min(values, 2 ** this.demands.length)
    this.forget()
  }

  /** The id of a value; undefined is an absent one. -1 for what has none. */
  of(value: unknown): number {
    if (typeof value === 'string') {
      const id = this.strings.get(value)
      return id === undefined || id === notMet ? this.meetString(value, id === notMet) : id
    }
    if (value === undefined) return this.ofOther(absent, value)
    if (typeof value === 'number') return this.ofNumber(value)
    return value === true ? this.ofOther(isTrue, value) : value === false ? this.ofOther(isFalse, value) : -1
  }

  /** Gives up all ids. */
  forget(): void {
    this.given = 0
    this.ids.clear()
    this.others.fill(notMet)
    this.strings.clear()
    for (const text of this.named) this.strings.set(text, notMet)
  }

  private meetString(text: string, isNamed: boolean): number {
    if (!isNamed) {
      if (this.isByEquality) return this.ofOther(otherString, text)
      if (this.strings.size >= this.named.length + maxMet || text.length > maxLength) return -1
    }
    const id = this.idOf(text)
    this.strings.set(text, id)
    return id
  }

  private ofOther(place: number, value: unknown): number {
    const id = this.others[place]
    if (id !== notMet) return id
    this.others[place] = this.idOf(value)
    return this.others[place]
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
    if (bounds[low] === value) return this.ofOther(firstNumber + 2 * low + 1, value)
    return Number.isNaN(value) ? -1 : this.ofOther(firstNumber + 2 * low, value)
  }

  /** The id of a value that is met for the first time. */
  private idOf(value: unknown): number {
    if (this.demands.length > maxDemands) return this.given++
    const answers = this.demands.map((accepts) => (accepts(value) ? '1' : '0')).join('')
    let id = this.ids.get(answers)
    if (id === undefined) {
      id = this.given++
      this.ids.set(answers, id)
    }
    return id
  }
}
