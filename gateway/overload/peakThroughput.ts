/**
 * The highest recent throughput, in answers per millisecond: the maximum over the last windows that counted. A stall
 * lowers some windows, but not all of them.
 */
export class PeakThroughput {
  private perMs = Number.POSITIVE_INFINITY
  private measuredAt = Number.NEGATIVE_INFINITY
  private began = Number.NEGATIVE_INFINITY
  private answers = 0
  private readonly windows: number[] = []

  /** Infinity while unknown: at first, and when no window has counted for ten seconds. */
  at(now: number): number {
    return now - this.measuredAt > keptMs ? Number.POSITIVE_INFINITY : this.perMs
  }

  /** Counts one answer. Returns whether the window is over; if so, call `nextWindow`. */
  count(now: number): boolean {
    this.answers++
    return now - this.began >= windowMs
  }

  /**
   * Begins the next window. `wasSaturated` says that the answers of the ended window show the capacity and not the
   * demand.
   */
  nextWindow(now: number, wasSaturated: boolean): void {
    const elapsed = now - this.began
    // A much longer window had a stall in it.
    if (wasSaturated && elapsed < 2 * windowMs) this.add(now, this.answers / elapsed)
    this.began = now
    this.answers = 0
  }

  private add(now: number, perMs: number): void {
    if (now - this.measuredAt > keptMs) this.windows.length = 0
    if (this.windows.push(perMs) > mostWindows) this.windows.shift()
    this.perMs = Math.max(...this.windows)
    this.measuredAt = now
  }
}

const windowMs = 50
const mostWindows = 20
const keptMs = 10_000
