import type { Clock } from '../clock'

/** A bucket that fills evenly, and is full at first. Needs no timer: what has come in is counted when something is taken. */
export class TokenBucket {
  /** What may be taken at `filledAt`; undefined before anything was. */
  private level: number | undefined
  private filledAt = 0
  /** When it is full again if nothing is taken meanwhile. */
  private fullAt = Number.NEGATIVE_INFINITY

  constructor(private readonly clock: Clock) {}

  /** Whether all that was taken has come in again, by the rate of that time. */
  get isFull(): boolean {
    return this.clock.now() >= this.fullAt
  }

  /** Takes up to `asked`, a whole number, of what came in at `perSecond` and of which `capacity` fit; answers how many. */
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
