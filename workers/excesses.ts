import type { Clock } from '../lib/clock'

/**
 * If two workers grow too large in so many milliseconds, the version is to blame, and not a leak. If a version hangs twice,
 * it is, and not the machine.
 */
export const withinMs = 10 * 60_000

/** Tracks, per version, cases in which it cost workers. */
export class Excesses {
  /** The time of the last case, by key. */
  private readonly last = new Map<string, number>()

  constructor(private readonly clock: Clock) {}

  /** Records another case. Returns whether the version is unfit to serve; then the count starts again. */
  isTooMany(key: string): boolean {
    const now = this.clock.now()
    const before = this.last.get(key)
    this.last.set(key, now)
    if (before === undefined || now - before > withinMs) return false
    this.last.delete(key)
    return true
  }
}
