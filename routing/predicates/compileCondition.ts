import type { Column } from '../../lib/column'
import { getOrMake } from '../../lib/groups'
import { invariant } from '../../lib/invariant'
import { memoized } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, readKey } from '../ruleSet/reference'
import type { Condition, Operators, Scalar } from '../ruleSet/ruleSet'
import { operators, type Predicate } from './operators'
import { compileRead } from './readValue'

/** Whether a condition holds for a request, or for one of its rows. */
export type Test = (context: Context, columns: readonly Column[], row: number) => boolean

/** One entry of a condition that tests a single value: what it reads, and the operators that must hold. */
export interface Clause {
  readonly reference: Reference
  readonly operators: Operators
}

/** A conjunction: clauses, and conditions that cannot be expressed as clauses. */
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

/**
 * Compiles the conditions of a rule set. Equal conditions, and equal parts of them, are compiled once, so that many
 * objectives share the same closures and these stay in the CPU cache.
 */
export class ConditionCompiler {
  private readonly ofContext = new Map<string, Test>()
  /** Conditions that read inputs, which differ by objective. */
  private readonly ofInputs = memoized((_: ObjectiveContract) => new Map<string, Test>())

  compile(condition: Condition, contract: ObjectiveContract): Test {
    const text = JSON.stringify(condition)
    const known = text.includes('"input.') ? this.ofInputs(contract) : this.ofContext
    return getOrMake(known, text, () => this.make(Object.entries(condition), contract))
  }

  private make(entries: readonly [string, unknown][], contract: ObjectiveContract): Test {
    if (entries.length !== 1) {
      return all(entries.map(([key, value]) => this.compile({ [key]: value } as Condition, contract)))
    }
    const [[key, value]] = entries
    if (key === 'not') {
      const inner = this.compile(value as Condition, contract)
      return (context, columns, row) => !inner(context, columns, row)
    }
    if (key !== 'all' && key !== 'any')
      return compileClause(toClause(key, value as Scalar | Operators), contract)
    const tests = (value as readonly Condition[]).map((one) => this.compile(one, contract))
    return key === 'all' ? all(tests) : any(tests)
  }
}

function all(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0]
  return (context, columns, row) => {
    for (let at = 0; at < tests.length; at++) if (!tests[at](context, columns, row)) return false
    return true
  }
}

function any(tests: readonly Test[]): Test {
  return (context, columns, row) => {
    for (let at = 0; at < tests.length; at++) if (tests[at](context, columns, row)) return true
    return false
  }
}

function compileClause({ reference, operators }: Clause, contract: ObjectiveContract): Test {
  const read = compileRead(reference, contract)
  const accepts = compileOperators(operators)
  return (context, columns, row) => accepts(read(context, columns, row))
}

/**
 * Whether all operators hold for a value. Undefined stands for an absent value, for which only `exists: false` holds.
 */
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
