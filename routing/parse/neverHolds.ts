import { show } from '../../lib/errors'
import { groupBy } from '../../lib/groups'
import type { ContextType } from '../../lib/request/clientRequest'
import { plainTypes } from '../../models/types/valueType'
import { compareCodePoints } from '../predicates/codePoints'
import { type Clause, compileOperators, takeApart } from '../predicates/compileCondition'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import type { Condition, Scalar } from '../ruleSet/ruleSet'

/** What is known of the values that conditions read. */
export interface ValueTypes {
  readonly contract: ObjectiveContract
  readonly contextTypes: ReadonlyMap<string, ContextType>
}

/** Why a condition can hold for no request, as far as that is easy to see; undefined if it may hold. */
export function neverHolds(condition: Condition, types: ValueTypes): string | undefined {
  const { clauses, others } = takeApart(condition)
  const byKey = groupBy(clauses, ({ reference }) => referenceText(reference))
  for (const [key, same] of byKey) {
    const reason = noValueFits(key, same, types)
    if (reason !== undefined) return reason
  }
  for (const { any, not } of others) {
    if (not !== undefined && alwaysHolds(not)) return 'what it negates always holds'
    if (any?.length === 0) return 'any: [] does not'
    const reasons = any?.map((one) => neverHolds(one, types))
    if (reasons?.every((reason) => reason !== undefined)) return `none of any can: ${reasons[0]}`
  }
  return undefined
}

function alwaysHolds(condition: Condition): boolean {
  const { clauses, others } = takeApart(condition)
  return (
    clauses.every(({ operators }) => Object.keys(operators).length === 0) &&
    others.every(({ any = [], not }) => not === undefined && any.some(alwaysHolds))
  )
}

function noValueFits(key: string, clauses: readonly Clause[], types: ValueTypes): string | undefined {
  const tests = clauses.map(({ operators }) => compileOperators(operators))
  if (tests.every((test) => test(undefined))) return undefined
  const wanted = clauses.flatMap(({ operators }) => Object.entries(operators))
  if (wanted.some(([name, operand]) => name === 'exists' && operand === false)) {
    return `${key} cannot be absent and satisfy another operator`
  }
  const { type, values } = possible(clauses[0].reference, types)
  const fits = (value: unknown) => typeof value === type && tests.every((test) => test(value))
  const named = wanted.filter(([name]) => name === 'eq' || name === 'in')
  const candidates = named.length > 0 ? named[0][1] : values
  if (candidates !== undefined) {
    const list: readonly unknown[] = Array.isArray(candidates) ? candidates : [candidates]
    const possibleOnes = values === undefined ? list : list.filter((one) => values.includes(one as Scalar))
    return possibleOnes.some(fits) ? undefined : `no ${type} that ${key} may be satisfies it`
  }
  for (const [name, operand] of wanted) {
    const operandType = ['lt', 'lte', 'gt', 'gte', 'prefix', 'semver'].includes(name) ? typeof operand : type
    if (operandType !== type)
      return `${key} is a ${type}, and ${name} asks for a ${operandType} (${show(operand)})`
  }
  return isEmptyRange(wanted) ? `no ${type} is within the bounds of ${key}` : undefined
}

/** The type of a key's value, and all its values if there are few. */
function possible(
  { from, name }: Reference,
  { contract, contextTypes }: ValueTypes,
): { readonly type: string; readonly values?: readonly Scalar[] } {
  const input = from === 'context' ? undefined : contract.inputs.find((one) => one.name === name)!.type
  if (input?.kind === 'enum') return { type: 'string', values: input.labels }
  const type = input ? (plainTypes[input.kind] ?? 'object') : (contextTypes.get(name) ?? 'string')
  return type === 'boolean' ? { type, values: [true, false] } : { type }
}

/** Whether the highest lower bound lies above the lowest upper bound. */
function isEmptyRange(wanted: readonly (readonly [string, unknown])[]): boolean {
  const lower = wanted.filter(([name]) => name === 'gt' || name === 'gte')
  const upper = wanted.filter(([name]) => name === 'lt' || name === 'lte')
  return lower.some(([low, from]) =>
    upper.some(([high, to]) => {
      const order = compare(from as Scalar, to as Scalar)
      return order > 0 || (order === 0 && (low === 'gt' || high === 'lt'))
    }),
  )
}

function compare(left: Scalar, right: Scalar): number {
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right)
  return Number(left) - Number(right)
}
