import type { KnownNames, ObjectiveContract } from '../ruleSet/knownNames'
import type { RuleProblems } from '../ruleSet/problems'
import type { RuleSet } from '../ruleSet/ruleSet'
import type { Entries } from './shape'

/** The context of checks within an objective's rules. */
export interface ValidationContext {
  readonly found: RuleProblems
  /** Absent if only the shape is checked. */
  readonly known: KnownNames | undefined
  readonly objective: string
  /** Absent if the objective or its contract is unknown. */
  readonly contract: ObjectiveContract | undefined
  /** As written in the rule set, possibly invalid. */
  readonly experiments: Entries
  readonly placement: RuleSet['placement']
}
