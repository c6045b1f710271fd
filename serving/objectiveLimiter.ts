import type { Clock } from '../lib/clock'

/**
 * What the rules' `limits` count of one objective in this process, whichever version of the rules set them. Rows a second are
 * a bucket that holds those of one second and fills evenly; concurrency is of client requests.
 */
export class ObjectiveLimiter {
  private entered = 0
  /** Rows that may be taken at `filledAt`; undefined before the first, when it is full. */
  private level: number | undefined
  private filledAt = 0

  constructor(private readonly clock: Clock) {}

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
    const capacity = Math.max(1, perSecond)
    const now = this.clock.now()
    const gained = this.level === undefined ? capacity : ((now - this.filledAt) / 1000) * perSecond
    this.filledAt = now
    const level = Math.min(capacity, (this.level ?? 0) + gained)
    const taken = Math.min(asked, Math.floor(level))
    this.level = level - taken
    return taken
  }
}
