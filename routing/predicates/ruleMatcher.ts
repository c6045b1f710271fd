import type { Column } from '../../lib/column'
import { addTo } from '../../lib/groups'
import type { Context } from '../../lib/request/clientRequest'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import type { Condition, Rule, Scalar } from '../ruleSet/ruleSet'
import {
  type Clause,
  type ConditionCompiler,
  type Conjunction,
  type Test,
  takeApart,
} from './compileCondition'
import { compileRead, type ReadValue } from './readValue'

/**
 * Finds the first matching rule of an objective. An index over the key that most rules compare for equality, such as
 * the country, leaves only the rules that name the request's value, and those that do not compare the key. These are
 * tried in order.
 */
export class RuleMatcher {
  /** By rule, the conditions that the index does not cover. */
  private readonly tests: readonly Test[]
  private readonly read: ReadValue
  /** By value of the key, the indexes of the rules that name it. Each list ends with the number of rules. */
  private readonly named: ReadonlyMap<unknown, readonly number[]>
  /** The indexes of the rules that do not compare the key, with the same end. */
  private readonly unnamed: readonly number[]
  private readonly none: readonly number[]

  constructor(rules: readonly Rule[], contract: ObjectiveContract, conditions: ConditionCompiler) {
    const parts = rules.map(({ when = {} }) => takeApart(when))
    const key = mostCompared(parts.flatMap(({ clauses }) => clauses.filter(isEquality)))
    this.read = key === undefined ? () => undefined : compileRead(key, contract)
    const unnamed: number[] = []
    const named = new Map<unknown, number[]>()
    this.tests = parts.map((part, place) => {
      const indexed = part.clauses.find((clause) => isEquality(clause) && isSame(clause.reference, key))
      if (indexed === undefined) unnamed.push(place)
      else for (const value of valuesOf(indexed)) addTo(named, value, place)
      return conditions.compile(without(indexed, part), contract)
    })
    const ended = (places: readonly number[]) => [...places, rules.length]
    this.named = new Map([...named].map(([value, places]) => [value, ended(places)]))
    this.unnamed = ended(unnamed)
    this.none = ended([])
  }

  /** The index of the first rule that matches, or -1. */
  match(context: Context, columns: readonly Column[], row: number): number {
    const { tests, unnamed } = this
    const named = this.named.get(this.read(context, columns, row)) ?? this.none
    let ofNamed = 0
    let ofUnnamed = 0
    for (;;) {
      const place = named[ofNamed] < unnamed[ofUnnamed] ? named[ofNamed++] : unnamed[ofUnnamed++]
      if (place === tests.length) return -1
      if (tests[place](context, columns, row)) return place
    }
  }
}

function isEquality({ operators }: Clause): boolean {
  return Object.keys(operators).length === 1 && (operators.eq !== undefined || operators.in !== undefined)
}

/** The distinct values for which the clause holds. */
function valuesOf({ operators }: Clause): ReadonlySet<Scalar> {
  return new Set(operators.in ?? [operators.eq!])
}

function mostCompared(clauses: readonly Clause[]): Reference | undefined {
  const counts = new Map<string, number>()
  let most: Reference | undefined
  let mostClauses = 0
  for (const { reference } of clauses) {
    const text = referenceText(reference)
    const count = (counts.get(text) ?? 0) + 1
    counts.set(text, count)
    if (count > mostClauses) {
      most = reference
      mostClauses = count
    }
  }
  return most
}

function without(left: Clause | undefined, { clauses, others }: Conjunction): Condition {
  const rest = clauses.filter((clause) => clause !== left)
  return {
    all: [...rest.map(({ reference, operators }) => ({ [referenceText(reference)]: operators })), ...others],
  }
}

function isSame(one: Reference, other: Reference | undefined): boolean {
  return one.from === other?.from && one.name === other.name
}
