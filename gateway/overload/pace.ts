/**
 * How many requests a millisecond are answered at best: the most of the last windows that counted. Stalls and pauses fall into some of
 * them, not into all.
 */
export class Pace {
  private perMs = Number.POSITIVE_INFINITY
  private keptAt = Number.NEGATIVE_INFINITY
  private began = Number.NEGATIVE_INFINITY
  private answers = 0
  private readonly last: number[] = []

  /** Infinity while it is not known: at first, and ten seconds after the last window that counted. */
  at(now: number): number {
    return now - this.keptAt > keptMs ? Number.POSITIVE_INFINITY : this.perMs
  }

  /** One answer; whether the window is over, and must be turned. */
  count(now: number): boolean {
    this.answers++
    return now - this.began >= windowMs
  }

  /** Begins the next window; `counts` tells whether as many were answered in this one as could be. */
  turn(now: number, counts: boolean): void {
    const elapsed = now - this.began
    // One in which nothing was answered for so long had a stall in it.
    if (counts && elapsed < 2 * windowMs) this.keep(now, this.answers / elapsed)
    this.began = now
    this.answers = 0
  }

  private keep(now: number, perMs: number): void {
    if (now - this.keptAt > keptMs) this.last.length = 0
    if (this.last.push(perMs) > windows) this.last.shift()
    this.perMs = Math.max(...this.last)
    this.keptAt = now
  }
}

const windowMs = 50
const windows = 20
const keptMs = 10_000
