import type { Clock } from '../../lib/clock'
import { TokenBucket } from '../../lib/scheduling/tokenBucket'

/**
 * What the rules' `limits` count of one objective in this process, or of one client or tenant there, whichever version of the
 * rules set them. Rows a second are a bucket that holds those of one second and fills evenly; concurrency is of client requests.
 */
export class ObjectiveLimiter {
  private entered = 0
  private readonly rows: TokenBucket

  constructor(clock: Clock) {
    this.rows = new TokenBucket(clock)
  }

  /** Whether requests are under way. */
  get isOccupied(): boolean {
    return this.entered > 0
  }

  /** Whether a new one would be no different. */
  get isIdle(): boolean {
    return this.entered === 0 && this.rows.isFull
  }

  /** Whether a request may begin; it must `leave` if so. */
  enter(concurrency: number): boolean {
    if (this.entered >= concurrency) return false
    this.entered++
    return true
  }

  leave(): void {
    this.entered--
  }

  /** Takes up to `asked` rows; answers how many. */
  take(asked: number, perSecond: number): number {
    return this.rows.take(asked, perSecond, Math.max(1, perSecond))
  }
}
