import type { KnownNames, ObjectiveContract } from '../ruleSet/knownNames'
import type { RuleSet } from '../ruleSet/ruleSet'
import type { Part } from './part'

/** The context of checks within an objective's rules. */
export interface ValidationContext {
  /** Absent if only the shape is checked. */
  readonly known: KnownNames | undefined
  readonly objective: string
  /** Absent if the objective or its contract is unknown. */
  readonly contract: ObjectiveContract | undefined
  readonly experiments: Part
  readonly placement: RuleSet['placement']
}
