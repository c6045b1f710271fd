import type { RowBudget } from './rowBudget'

/**
 * Counts what the rules' `limits` restrict, for one objective, or for one client or tenant of it. Shared by all versions
 * of the rules. Rows per second are a token bucket with the tokens of one second; concurrency counts client requests of
 * this process.
 */
export class ObjectiveLimiter {
  private entered = 0

  constructor(private readonly rows: RowBudget) {}

  /** Whether requests are in flight. */
  get isOccupied(): boolean {
    return this.entered > 0
  }

  /** Whether it has the state of a new one. */
  get isIdle(): boolean {
    return this.entered === 0 && this.rows.isFull
  }

  /** Whether a request may begin. If so, call `leave` at its end. */
  enter(concurrency: number): boolean {
    if (this.entered >= concurrency) return false
    this.entered++
    return true
  }

  leave(): void {
    this.entered--
  }

  /** Takes up to `asked` rows. Returns how many. */
  take(asked: number, perSecond: number): number {
    return this.rows.take(asked, perSecond)
  }
}
