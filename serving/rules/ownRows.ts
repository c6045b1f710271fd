import type { Clock } from '../../lib/clock'
import { TokenBucket } from '../../lib/scheduling/tokenBucket'
import type { RowBudget } from './rowBudget'

/** Rows that this process counts by itself. */
export class OwnRows implements RowBudget {
  private readonly bucket: TokenBucket

  constructor(clock: Clock) {
    this.bucket = new TokenBucket(clock)
  }

  get isFull(): boolean {
    return this.bucket.isFull
  }

  take(asked: number, perSecond: number): number {
    return this.bucket.take(asked, perSecond, Math.max(1, perSecond))
  }
}
