import type { Context } from '../lib/clientRequest'
import type { Column } from '../lib/column'

/** What routing answered for one objective and context. Optional keys are absent, never empty. */
export interface Decision {
  readonly objective: string
  /** `name@version` */
  readonly model: string
  readonly shard: string
  readonly reason: 'override' | 'experiment' | 'canary' | 'rule' | 'default'
}

/** The compiled rules of one objective, narrowed to a shard where a field names one. Synchronous. */
export interface ObjectiveRouter {
  /** True if a rule or unit reads `input.*`, so that each row needs a decision of its own. */
  readonly perRow: boolean
  /** Answers for all rows of a request; only where `perRow` is false. */
  decide(context: Context): Decision
  /** Answers for one row; `columns` are the objective's inputs in their order. */
  decideRow(context: Context, columns: readonly Column[], row: number): Decision
}

export interface Router {
  /** `shard`: the one that the field's `@predict(shard:)` names. */
  for(objective: string, shard?: string): ObjectiveRouter
}
