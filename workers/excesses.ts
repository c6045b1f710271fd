import type { Clock } from '../lib/clock'

/** Two workers that grow too large within this time, in milliseconds, are the version's doing; over a longer one they may have leaked. */
const withinMs = 10 * 60_000

/** Counts, version by version, the workers that took too much memory over it. */
export class Excesses {
  /** When it happened last, by key. */
  private readonly last = new Map<string, number>()

  constructor(private readonly clock: Clock) {}

  /** Another worker took too much. Whether the version is not fit to serve; then the count begins anew. */
  isTooMany(key: string): boolean {
    const now = this.clock.now()
    const before = this.last.get(key)
    this.last.set(key, now)
    if (before === undefined || now - before > withinMs) return false
    this.last.delete(key)
    return true
  }
}
