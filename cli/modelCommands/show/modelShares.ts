import { type CandidateShare, sharesOf } from '../../../platform/candidates'
import type { RuleSet } from '../../../routing/ruleSet/ruleSet'

/** One way in which rules can choose a version. */
export interface ModelShare extends CandidateShare {
  readonly objective: string
}

/** Every way in which rules can choose the version `name@version`; empty without rules. */
export function modelShares(ruleSet: RuleSet | undefined, key: string): readonly ModelShare[] {
  if (ruleSet === undefined) return []
  return Object.keys(ruleSet.objectives).flatMap((objective) =>
    (sharesOf(ruleSet, objective).get(key) ?? []).map((share) => ({ objective, ...share })),
  )
}
