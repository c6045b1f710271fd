import type { Column } from '../../lib/column'
import type { ErrorCode } from '../../lib/errors'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Decision } from '../../routing/ruleSet/router'
import type { Prediction } from '../calls/modelCalls'
import type { ActiveRules } from '../rules/ruleBook'

/** Rows of one objective that one decision sends to one place. */
export interface DecidedRows {
  readonly decision: Decision
  /** By row, where each row has its own: they differ from `decision` in the bucket alone. */
  readonly decisions?: readonly Decision[]
  /** The shard that the field names. */
  readonly shard: string | undefined
  /** Raw values by the objective's inputs in their order. They must not change any more. */
  readonly inputs: readonly Column[]
  readonly rows: number
  readonly wanted: readonly string[]
}

/** By row, who answered in the place of the version that was chosen, and why; undefined for rows that it answered, or nobody. */
export interface FallbackRows {
  /** `name@version`, or `constant`. */
  readonly by: readonly (string | undefined)[]
  readonly codes: readonly (ErrorCode | undefined)[]
}

/** Decided rows with their answer, for those who compare, record or explain. Told once, before the answer goes on its way. */
export interface AnsweredRows extends DecidedRows {
  readonly request: ClientRequest
  readonly rules: ActiveRules
  readonly prediction: Prediction
  /** How long that took, fallbacks included, in milliseconds. */
  readonly ms: number
  /** Absent where no fallback answered a row. */
  readonly fallback?: FallbackRows
}
