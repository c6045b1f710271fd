import type { Scalar } from '../ruleSet/ruleSet'
import { compareCodePoints } from './codePoints'
import { compileSemver } from './semver'

/** Whether a value that is neither absent nor null fits. */
export type Predicate = (value: unknown) => boolean

/** The kinds of operands. */
export type OperandKind = 'scalar' | 'scalars' | 'ordered' | 'text' | 'range' | 'flag'

export interface Operator {
  readonly takes: OperandKind
  /** Compiles a checked operand. Absent values never reach the predicate: only `exists: false` holds for them. */
  compile(operand: never): Predicate
}

/**
 * All operators of a condition. To add one, add a line here, its type in `ruleSet/ruleSet.ts` and its name in
 * `parse/neverHolds.ts`; for a new kind of operand also a check in `checks/condition.ts` and a schema in
 * `parse/jsonSchema.ts`.
 */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['eq', { takes: 'scalar', compile: (operand: Scalar) => (value) => value === operand }],
  ['ne', { takes: 'scalar', compile: (operand: Scalar) => (value) => value !== operand }],
  ['in', { takes: 'scalars', compile: (operand: readonly Scalar[]) => oneOf(operand) }],
  ['notIn', { takes: 'scalars', compile: (operand: readonly Scalar[]) => negate(oneOf(operand)) }],
  ['lt', { takes: 'ordered', compile: (operand: string | number) => ordered(operand, (sign) => sign < 0) }],
  ['lte', { takes: 'ordered', compile: (operand: string | number) => ordered(operand, (sign) => sign <= 0) }],
  ['gt', { takes: 'ordered', compile: (operand: string | number) => ordered(operand, (sign) => sign > 0) }],
  ['gte', { takes: 'ordered', compile: (operand: string | number) => ordered(operand, (sign) => sign >= 0) }],
  ['prefix', { takes: 'text', compile: prefix }],
  ['semver', { takes: 'range', compile: compileSemver }],
  ['exists', { takes: 'flag', compile: (operand: boolean) => () => operand }],
])

function oneOf(operand: readonly Scalar[]): Predicate {
  const values = new Set<unknown>(operand)
  return (value) => values.has(value)
}

function negate(predicate: Predicate): Predicate {
  return (value) => !predicate(value)
}

/** Compares numbers by size and strings by code point. Other values, and values of different types, never fit. */
function ordered(operand: string | number, holds: (sign: number) => boolean): Predicate {
  if (typeof operand === 'number') {
    // NaN is neither below, above nor equal, so it must not compare as equal.
    return (value) =>
      typeof value === 'number' &&
      !Number.isNaN(value) &&
      holds(value < operand ? -1 : value > operand ? 1 : 0)
  }
  return (value) => typeof value === 'string' && holds(compareCodePoints(value, operand))
}

function prefix(operand: string): Predicate {
  return (value) => typeof value === 'string' && value.startsWith(operand)
}
