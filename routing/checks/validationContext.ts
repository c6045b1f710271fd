import type { KnownNames, ObjectiveContract } from '../ruleSet/knownNames'
import type { RuleProblems } from '../ruleSet/problems'
import type { RuleSet } from '../ruleSet/ruleSet'
import type { Entries } from './shape'

/** What a check within an objective's rules is told. */
export interface ValidationContext {
  readonly found: RuleProblems
  /** Absent where only the shape is checked. */
  readonly known: KnownNames | undefined
  readonly objective: string
  /** Absent where the objective or its contract is not known. */
  readonly contract: ObjectiveContract | undefined
  /** As they stand in the rule set, checked or not. */
  readonly experiments: Entries
  readonly placement: RuleSet['placement']
}
