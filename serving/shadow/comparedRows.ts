import type { Objective } from '../../models/contracts/objective'
import type { DecidedRows } from '../requests/answered'
import type { ShadowOutcome } from './shadowOutcomes'

/** The answers of two versions to the same rows. */
export interface ComparedRows {
  readonly objective: Objective
  /** The `name@version` that answered the client; in `by`, by row, where a fallback did. */
  readonly answered: string
  readonly by?: readonly (string | undefined)[]
  /** `name@version` */
  readonly shadow: string
  readonly request: string
  readonly rows: Pick<DecidedRows, 'inputs' | 'rows' | 'wanted'>
  readonly answers: Readonly<Record<string, readonly unknown[]>>
  readonly shadows: Readonly<Record<string, readonly unknown[]>>
  readonly outcomes: readonly ShadowOutcome[]
  /** How long the shadow took for these rows, in milliseconds, and how long the answer took, including fallbacks. */
  readonly shadowMs: number
  readonly answeredMs: number
}
