import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { Decision } from '../ruleSet/router'

/** The result of a rule, the default or an override: a version, or a draw between versions. */
export interface Outcome {
  /** `isWithoutUnit` says that an experiment on the way here had no unit to draw by. */
  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision
}
