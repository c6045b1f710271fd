import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'

/** What routing answered for one objective and context. Optional keys are absent, never empty. */
export interface Decision {
  readonly objective: string
  /** `name@version` */
  readonly model: string
  readonly shard: string
  readonly reason: 'override' | 'experiment' | 'canary' | 'rule' | 'default'
  /** The rule that matched, also where its experiment or a canary decided. */
  readonly rule?: string
  readonly experiment?: string
  readonly cell?: string
  /** The experiment's or canary's, 0 to 999,999, where one was drawn. */
  readonly bucket?: number
  /** Versions, `name@version`, that are asked too and whose answers are only recorded. */
  readonly shadows?: readonly string[]
  /** `NO_UNIT`: something was to be drawn, and the request has nothing to draw by. */
  readonly flags?: readonly 'NO_UNIT'[]
}

/** The compiled rules of one objective, narrowed to a shard where a field names one. Synchronous. */
export interface ObjectiveRouter {
  /** True if a rule or unit reads `input.*`, so that each row needs a decision of its own. */
  readonly perRow: boolean
  /**
   * Answers for all rows of a request; only where `perRow` is false. `override`: the version that a caller who may do so asked
   * for; one that is not ready or does not serve the objective is passed over.
   */
  decide(context: Context, override?: string): Decision
  /** Answers for one row; `columns` are the objective's inputs in their order. */
  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision
}

export interface Router {
  /** `shard`: the one that the field's `@predict(shard:)` names. */
  for(objective: string, shard?: string): ObjectiveRouter
}
