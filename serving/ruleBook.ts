import { type CompiledRouter, compileRouter } from '../routing/compileRouter'
import type { RuleSet } from '../routing/ruleSet'
import type { ModelRegistry } from './modelRegistry'
import type { ServingParts } from './serving'

/** One version of the rules as it decides requests. */
export interface ActiveRules {
  /** From 1 on; 0 is of a rule file, which has no number that another process would know. */
  readonly number: number
  /** Of the rule set's canonical JSON. */
  readonly sha256: string
  readonly ruleSet: RuleSet
  readonly router: CompiledRouter
}

/** The versions of the rules that this process decides by. */
export interface RuleBook {
  /** What decides requests that begin now. */
  current(): ActiveRules
  /** One of the last eight that were active. */
  at(number: number): ActiveRules | undefined
  /** Puts a version into effect for requests that begin from now on; those that have begun keep theirs. */
  activate(rules: ActiveRules): void
}

/** How many versions are kept for requests that another process has begun. */
const kept = 8

export function createRuleBook(first: ActiveRules): RuleBook {
  let active = first
  const byNumber = new Map([[first.number, first]])
  return {
    current: () => active,
    at: (number) => byNumber.get(number),
    activate(rules) {
      active = rules
      byNumber.delete(rules.number)
      byNumber.set(rules.number, rules)
      for (const oldest of byNumber.keys()) {
        if (byNumber.size <= kept) break
        byNumber.delete(oldest)
      }
    },
  }
}

/** Compiles a checked rule set. Overrides reach versions that are ready when they are asked for and serve the objective. */
export function compileRules(
  { number, sha256, ruleSet }: Omit<ActiveRules, 'router'>,
  objectives: ServingParts['objectives'],
  registry: ModelRegistry,
): ActiveRules {
  const canAnswer = (objective: string, model: string) => {
    const state = registry.get(model)?.state
    return state?.is === 'ready' && state.model.manifest.serves.includes(objective)
  }
  return { number, sha256, ruleSet, router: compileRouter(ruleSet, objectives, canAnswer) }
}
