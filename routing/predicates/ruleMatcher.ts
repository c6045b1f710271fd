import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import type { Rule, Scalar } from '../ruleSet/ruleSet'
import { type Clause, type ConditionCompiler, type Test, takeApart } from './compileCondition'
import { compileRead, type ReadValue } from './readValue'

/**
 * Finds the first matching rule of an objective. An index by the key that most rules compare for equality, such as the
 * country, leaves only those that name the request's value and those that do not compare it; they are tried in order.
 */
export class RuleMatcher {
  private readonly tests: readonly Test[]
  /** Reads the indexed key. */
  private readonly read: ReadValue
  /** By value of the key, the places of the rules that name it; each list ends with the number of all rules. */
  private readonly named: ReadonlyMap<unknown, readonly number[]>
  /** The places of the rules that do not compare the key; the list ends likewise. */
  private readonly unnamed: readonly number[]
  private readonly none: readonly number[]

  constructor(rules: readonly Rule[], contract: ObjectiveContract, conditions: ConditionCompiler) {
    this.tests = rules.map(({ when = {} }) => conditions.compile(when, contract))
    const equalities = rules.map(({ when = {} }) => takeApart(when).clauses.filter(isEquality))
    const key = mostCompared(equalities)
    this.read = key === undefined ? () => undefined : compileRead(key, contract)
    const unnamed: number[] = []
    const named = new Map<unknown, number[]>()
    for (const [place, clauses] of equalities.entries()) {
      const clause = clauses.find(({ reference }) => key !== undefined && isSame(reference, key))
      if (clause === undefined) unnamed.push(place)
      else for (const value of valuesOf(clause)) addTo(named, value, place)
    }
    this.none = [rules.length]
    this.unnamed = [...unnamed, rules.length]
    const lists = new Map<string, number[]>()
    this.named = new Map(
      [...named].map(([value, places]) => {
        const text = places.join()
        if (!lists.has(text)) lists.set(text, [...places, rules.length])
        return [value, lists.get(text)!]
      }),
    )
  }

  /** The place of the first rule that matches, or -1. */
  match(context: Context, columns: readonly Column[], row: number): number {
    const { tests, unnamed } = this
    const named = this.named.get(this.read(context, columns, row)) ?? this.none
    let a = 0
    let b = 0
    for (;;) {
      const place = named[a] < unnamed[b] ? named[a++] : unnamed[b++]
      if (place === tests.length) return -1
      if (tests[place](context, columns, row)) return place
    }
  }
}

function isEquality({ operators }: Clause): boolean {
  return operators.eq !== undefined || operators.in !== undefined
}

/** Values without which the clause does not hold, each once. */
function valuesOf({ operators }: Clause): ReadonlySet<Scalar> {
  return new Set(operators.eq === undefined ? operators.in : [operators.eq])
}

/** Undefined where no rule compares anything for equality. */
function mostCompared(equalities: readonly (readonly Clause[])[]): Reference | undefined {
  const counts = new Map<string, number>()
  let most: Reference | undefined
  let mostRules = 0
  for (const { reference } of equalities.flat()) {
    const text = referenceText(reference)
    const rules = (counts.get(text) ?? 0) + 1
    counts.set(text, rules)
    if (rules > mostRules) {
      most = reference
      mostRules = rules
    }
  }
  return most
}

function isSame(one: Reference, other: Reference): boolean {
  return one.from === other.from && one.name === other.name
}

function addTo(lists: Map<unknown, number[]>, value: unknown, place: number): void {
  const list = lists.get(value)
  if (list === undefined) lists.set(value, [place])
  else list.push(place)
}
