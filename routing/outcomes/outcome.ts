import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { Decision } from '../ruleSet/router'

/** What a rule, the default or an override comes to: a version, or a draw between versions. */
export interface Outcome {
  /** `isWithoutUnit`: whether an experiment that led here had no unit to draw by. */
  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision
}
