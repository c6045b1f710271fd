import type { Column } from '../../lib/column'
import type { ErrorCode } from '../../lib/errors'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Decision } from '../../routing/ruleSet/router'
import type { Prediction } from '../calls/modelCalls'
import type { ActiveRules } from '../rules/ruleBook'

/** Rows before routing has decided on them. */
export interface UndecidedRows {
  /** Raw values by the field's or objective's inputs, in their order. They must not change any more. */
  readonly inputs: readonly Column[]
  readonly rows: number
  readonly wanted: readonly string[]
}

/** Rows of one objective for which routing decided alike. */
export interface DecidedRows extends UndecidedRows {
  readonly decision: Decision
  /** By row, if each row has its own decision. They differ from `decision` only in the bucket. */
  readonly decisions?: readonly Decision[]
  /** The shard that the field names. */
  readonly shard: string | undefined
}

/** By row, who answered instead of the chosen version, and why; undefined where nobody did, or need not. */
export interface FallbackRows {
  /** `name@version`, or `constant`. */
  readonly by: readonly (string | undefined)[]
  readonly codes: readonly (ErrorCode | undefined)[]
}

/**
 * Decided rows with their answer, for listeners that compare, record or explain. Emitted once, before the answer is
 * returned.
 */
export interface AnsweredRows extends DecidedRows {
  readonly request: ClientRequest
  readonly rules: ActiveRules
  readonly prediction: Prediction
  /** How long the answer took, including fallbacks, in milliseconds. */
  readonly ms: number
  /** Absent if no fallback answered a row. */
  readonly fallback?: FallbackRows
}
