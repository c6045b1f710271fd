import type { Objective } from '../../models/contracts/objective'
import type { DecidedRows } from '../requests/answered'
import type { ShadowOutcome } from './shadowOutcomes'

/** Answers of two versions to the same rows. */
export interface ComparedRows {
  readonly objective: Objective
  /** `name@version` that answered the client; by row, where a fallback did. */
  readonly answered: string
  readonly by?: readonly (string | undefined)[]
  /** `name@version` */
  readonly shadow: string
  readonly request: string
  readonly rows: Pick<DecidedRows, 'inputs' | 'rows' | 'wanted'>
  readonly answers: Readonly<Record<string, readonly unknown[]>>
  readonly shadows: Readonly<Record<string, readonly unknown[]>>
  /** By row, at the shadow. */
  readonly outcomes: readonly ShadowOutcome[]
  /** How long the shadow took for these rows, in milliseconds, and how long the answer did, fallbacks included. */
  readonly shadowMs: number
  readonly answeredMs: number
}
