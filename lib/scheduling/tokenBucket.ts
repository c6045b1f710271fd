import type { Clock } from '../clock'

/** A token bucket, full at first. It needs no timer: the tokens that were added are counted when some are taken. */
export class TokenBucket {
  /** The tokens at `filledAt`; undefined before the first call of `take`. */
  private level: number | undefined
  private filledAt = 0
  /** When it is full again if nothing else is taken. */
  private fullAt = Number.NEGATIVE_INFINITY

  constructor(private readonly clock: Clock) {}

  /** Whether it is full again, at the rate of the last call of `take`. */
  get isFull(): boolean {
    return this.clock.now() >= this.fullAt
  }

  /** Takes up to `asked` tokens of a bucket of `capacity` that gains `perSecond`. Returns how many. */
  take(asked: number, perSecond: number, capacity: number): number {
    const now = this.clock.now()
    const gained = this.level === undefined ? capacity : ((now - this.filledAt) / 1000) * perSecond
    this.filledAt = now
    const level = Math.min(capacity, (this.level ?? 0) + gained)
    const taken = Math.min(asked, Math.floor(level))
    this.level = level - taken
    this.fullAt = now + ((capacity - this.level) / perSecond) * 1000
    return taken
  }
}
