import { LearnedCost } from './learnedCost'

/**
 * The longest run that may begin to be made on the thread that serves HTTP, in milliseconds. A batch on another thread costs
 * about 0.1 ms of CPU more, a tenth of this; so to run longer ones here would save little, and keep all other requests waiting.
 */
const enterMs = 1
/** A version that runs inline goes on doing so up to here, so that it does not go back and forth at the bound. */
const leaveMs = 1.5
/** A run this long would hurt here, in milliseconds; a shorter one that surprises may be the scheduler's doing. */
const longMs = 7.5
/** A batch may have so many times the rows of the largest one that was measured: further a line is a guess. */
const reach = 4

/** What a run takes whatever its rows may be such a share of it: to join more rows would spare no more, and all would wait for all. */
const fixedShare = 0.1

/** Whether a run that is expected to take so long is made inline. */
export function runsInline(estimateMs: number, ranInline: boolean): boolean {
  return estimateMs <= (ranInline ? leaveMs : enterMs)
}

/** Whether a run took longer than is fit for inline, and than was to be expected. */
export function isSurprise(ms: number, estimateMs: number): boolean {
  return ms > leaveMs && ms > 2 * estimateMs
}

/**
 * How many runs in a row must go as expected, on a thread, after one that surprised: the next one tells whether it was the
 * model, but a long one must not come back soon.
 */
export function trialRuns(surpriseMs: number): number {
  return surpriseMs > longMs ? 8 : 1
}

/** Decides batch by batch where a version runs: inline, or on a thread. */
export class InlineChoice {
  /** The version has a session on this thread. */
  isHeld = false
  private readonly cost = new LearnedCost()
  private largest = 0
  private ranInline = false
  private trial = 0

  /** Whether a batch of so many rows may run inline, after others that take `pendingMs` together. */
  takes(rows: number, pendingMs: number): boolean {
    if (!this.isHeld || this.trial > 0 || rows > reach * this.largest) return false
    this.ranInline = runsInline(pendingMs + this.cost.estimate(rows), this.ranInline)
    return this.ranInline
  }

  /** Milliseconds that a run of so many rows is expected to take; Infinity before the first one. */
  estimate(rows: number): number {
    return this.cost.estimate(rows)
  }

  /** So many rows are enough for a batch that runs inline. */
  get enoughRows(): number {
    return this.cost.rowsFor(fixedShare)
  }

  /** A batch has run, here or on a thread. One that was far too slow sends the version to the threads at once. */
  observe(rows: number, ms: number): void {
    if (isSurprise(ms, this.cost.estimate(rows))) this.trial = Math.max(this.trial, trialRuns(ms))
    else if (this.trial > 0) this.trial--
    if (rows > this.largest) this.largest = rows
    this.cost.observe(rows, ms)
  }
}
