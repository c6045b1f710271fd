import type { Clock } from './clock'

/** A bucket that fills evenly, and is full at first. Needs no timer: what has come in is counted when something is taken. */
export class TokenBucket {
  /** What may be taken at `filledAt`; undefined before anything was. */
  private level: number | undefined
  private filledAt = 0

  constructor(private readonly clock: Clock) {}

  /** Takes up to `asked`, a whole number, of what came in at `perSecond` and of which `capacity` fit; answers how many. */
  take(asked: number, perSecond: number, capacity: number): number {
    const now = this.clock.now()
    const gained = this.level === undefined ? capacity : ((now - this.filledAt) / 1000) * perSecond
    this.filledAt = now
    const level = Math.min(capacity, (this.level ?? 0) + gained)
    const taken = Math.min(asked, Math.floor(level))
    this.level = level - taken
    return taken
  }
}
