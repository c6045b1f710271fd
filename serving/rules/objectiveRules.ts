import { toMilliseconds } from '../../lib/files/shapes'
import type { Objective } from '../../models/contracts/objective'
import type { ValueType } from '../../models/types/valueType'
import { compileValidator } from '../../models/validation/validator'
import { type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import { type CompiledLimits, compileLimits } from './rulesLimits'

/** What the rules of an objective say apart from routing: fallbacks, deadline and limits. */
export interface CompiledObjectiveRules {
  readonly objective: Objective
  /** In the order in which they are tried. */
  readonly fallbacks: readonly CompiledFallback[]
  /** How long one version may take, in milliseconds. */
  readonly deadlineMs: number | undefined
  /** Undefined if the rules limit neither rows per second nor concurrent requests. */
  readonly limits: CompiledLimits | undefined
}

export type CompiledFallback =
  | { readonly is: 'version'; readonly model: string; readonly shards: readonly string[] }
  | { readonly is: 'constant'; readonly outputs: Constant }

export function compileObjectiveRules(ruleSet: RuleSet, objective: Objective): CompiledObjectiveRules {
  const { name } = objective
  const rules = Object.hasOwn(ruleSet.objectives, name) ? ruleSet.objectives[name] : undefined
  const { deadline } = rules?.limits ?? {}
  return {
    objective,
    fallbacks: (rules?.fallback ?? []).map((one) =>
      typeof one === 'string'
        ? { is: 'version', model: one, shards: shardsOf(ruleSet, one) }
        : { is: 'constant', outputs: compileConstant(one.constant, objective) },
    ),
    deadlineMs: deadline === undefined ? undefined : toMilliseconds(deadline),
    limits: compileLimits(name, rules?.limits),
  }
}

/** By output, a function that makes a new value for each row, so that no two rows share an object. */
export type Constant = Readonly<Record<string, () => unknown>>

/** Compiles a constant to the form of a model's outputs. It was checked when the rules were published. */
function compileConstant(values: Readonly<Record<string, unknown>>, { outputs }: Objective): Constant {
  return Object.fromEntries(outputs.map(({ name, type }) => [name, maker(values[name], type)]))
}

function maker(value: unknown, type: ValueType): () => unknown {
  const canonical = canonicalOf(value, type)
  return typeof canonical === 'object' ? () => structuredClone(canonical) : () => canonical
}

function canonicalOf(value: unknown, type: ValueType): unknown {
  switch (type.kind) {
    case 'list':
      return (value as readonly unknown[]).map((item) => canonicalOf(item, type.of))
    case 'record':
      return fieldsOf(value, type.fields)
    case 'entity':
      return { __typename: type.of, ...fieldsOf(value, { id: { kind: 'ID' } }) }
    default:
      return compileValidator({ name: '', type, nullable: false, onNull: 'error' }).value(value)
  }
}

function fieldsOf(value: unknown, fields: Readonly<Record<string, ValueType>>): object {
  const entries = Object.entries(fields)
  return Object.fromEntries(
    entries.map(([name, type]) => [name, canonicalOf((value as Record<string, unknown>)[name], type)]),
  )
}
