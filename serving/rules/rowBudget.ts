import { TokenBucket } from '../../lib/scheduling/tokenBucket'

/** How many rows a second may be predicted, for one objective, or for one client or tenant of it. */
export interface RowBudget {
  /** Takes up to `asked` rows of a budget that gains `perSecond`, and holds those of one second. Returns how many. */
  take(asked: number, perSecond: number): number
  /** Whether it has the state of a new one, at the rate of the last call of `take`. */
  readonly isFull: boolean
}

/** Makes the budget of a key: an objective, with its client or tenant if these have budgets of their own. */
export type OpenBudget = (key: string) => RowBudget

/** Rows that this process counts by itself. */
export class OwnRows extends TokenBucket implements RowBudget {
  override take(asked: number, perSecond: number): number {
    return super.take(asked, perSecond, Math.max(1, perSecond))
  }
}
