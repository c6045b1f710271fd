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
    const level = this.levelAt(now, perSecond, capacity)
    const taken = Math.min(asked, Math.max(0, Math.floor(level)))
    this.set(level - taken, now, perSecond, capacity)
    return taken
  }

  /** Takes tokens for what has been done already. They may be more than there are, up to as many as it holds. */
  charge(tokens: number, perSecond: number, capacity: number): void {
    const now = this.clock.now()
    this.set(Math.max(-capacity, this.levelAt(now, perSecond, capacity) - tokens), now, perSecond, capacity)
  }

  /** Whether there is a token to take, without taking it. */
  hasOne(perSecond: number, capacity: number): boolean {
    return this.levelAt(this.clock.now(), perSecond, capacity) >= 1
  }

  private set(level: number, now: number, perSecond: number, capacity: number): void {
    this.level = level
    this.filledAt = now
    this.fullAt = now + ((capacity - level) / perSecond) * 1000
  }

  private levelAt(now: number, perSecond: number, capacity: number): number {
    if (this.level === undefined) return capacity
    return Math.min(capacity, this.level + ((now - this.filledAt) / 1000) * perSecond)
  }
}
