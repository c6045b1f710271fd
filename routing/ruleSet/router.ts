import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'

/** The decision for one objective and context. Optional keys are absent, never empty. */
export interface Decision {
  readonly objective: string
  /** `name@version` */
  readonly model: string
  readonly shard: string
  readonly reason: 'override' | 'experiment' | 'canary' | 'rule' | 'default'
  /** The rule that matched, even if its experiment or a canary decided. */
  readonly rule?: string
  readonly experiment?: string
  readonly cell?: string
  /** The bucket of the experiment or canary, 0 to 999,999, if one was drawn. */
  readonly bucket?: number
  /** Versions, `name@version`, that get the same rows and whose answers are only recorded. */
  readonly shadows?: readonly string[]
  /** `NO_UNIT`: a draw was due, but the request has no unit for it. */
  readonly flags?: readonly 'NO_UNIT'[]
}

/** The compiled rules of one objective, for the shard that a field names, if any. Synchronous. */
export interface ObjectiveRouter {
  /** Whether a rule or unit reads `input.*`, so that each row needs its own decision. */
  readonly perRow: boolean
  /**
   * Decides for all rows of a request; only if `perRow` is false. `override` is the version that an authorized client
   * asked for. It is ignored if it is not ready or does not serve the objective.
   */
  decide(context: Context, override?: string): Decision
  /** Decides for one row; `columns` are the objective's inputs in their order. */
  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision
}

export interface Router {
  /** `shard` is the one in the field's `@predict(shard:)`. */
  for(objective: string, shard?: string): ObjectiveRouter
}
