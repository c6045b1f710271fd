import { toMilliseconds } from '../../lib/files/shapes'
import type { Objective } from '../../models/contracts/objective'
import { type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import { type CompiledLimits, compileLimits } from './compiledLimits'
import { type Constant, compileConstant } from './constant'

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
