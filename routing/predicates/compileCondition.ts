import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, readKey } from '../ruleSet/reference'
import type { Condition, Operators, Scalar } from '../ruleSet/ruleSet'
import { operators, type Predicate } from './operators'
import { compileRead } from './readValue'

/** Whether a condition holds for a request, or for one of its rows. */
export type Test = (context: Context, columns: readonly Column[], row: number) => boolean

/** One entry of a condition that is about a single value: what it reads, and what must hold there. */
export interface Clause {
  readonly reference: Reference
  readonly operators: Operators
}

/** What must hold together: clauses, and conditions that cannot be said by clauses alone. */
export interface Conjunction {
  readonly clauses: readonly Clause[]
  /** `any` and `not`. */
  readonly others: readonly Condition[]
}

/** Takes a condition apart, through every `all`. */
export function takeApart(condition: Condition): Conjunction {
  const clauses: Clause[] = []
  const others: Condition[] = []
  const take = (one: Condition) => {
    for (const [key, value] of Object.entries(one)) {
      if (key === 'all') for (const inner of value as readonly Condition[]) take(inner)
      else if (key === 'any') others.push({ any: value as readonly Condition[] })
      else if (key === 'not') others.push({ not: value as Condition })
      else clauses.push(toClause(key, value as Scalar | Operators))
    }
  }
  take(condition)
  return { clauses, others }
}

export function toClause(key: string, value: Scalar | Operators): Clause {
  const reference = readKey(key)
  invariant(reference, `unchecked key ${key}`)
  return { reference, operators: typeof value === 'object' ? value : { eq: value } }
}

export function compileCondition(condition: Condition, contract: ObjectiveContract): Test {
  const { clauses, others } = takeApart(condition)
  const tests = [
    ...clauses.map((clause) => compileClause(clause, contract)),
    ...others.map((other) => compileOther(other, contract)),
  ]
  if (tests.length === 1) return tests[0]
  return (context, columns, row) => {
    for (let at = 0; at < tests.length; at++) if (!tests[at](context, columns, row)) return false
    return true
  }
}

function compileOther({ any, not }: Condition, contract: ObjectiveContract): Test {
  if (not !== undefined) {
    const inner = compileCondition(not, contract)
    return (context, columns, row) => !inner(context, columns, row)
  }
  const tests = (any ?? []).map((one) => compileCondition(one, contract))
  return (context, columns, row) => {
    for (let at = 0; at < tests.length; at++) if (tests[at](context, columns, row)) return true
    return false
  }
}

function compileClause(clause: Clause, contract: ObjectiveContract): Test {
  const read = compileRead(clause.reference, contract)
  const accepts = compileOperators(clause.operators)
  return (context, columns, row) => accepts(read(context, columns, row))
}

/** Whether all operators hold for a value; undefined is an absent one, for which only `exists: false` does. */
export function compileOperators(wanted: Operators): Predicate {
  const entries = Object.entries(wanted)
  const whenAbsent = entries.every(([name, operand]) => name === 'exists' && operand === false)
  const tests = entries.map(([name, operand]) => operators.get(name)!.compile(operand as never))
  if (tests.length === 1) {
    const [only] = tests
    return (value) => (value === undefined ? whenAbsent : only(value))
  }
  return (value) => {
    if (value === undefined) return whenAbsent
    for (let at = 0; at < tests.length; at++) if (!tests[at](value)) return false
    return true
  }
}
