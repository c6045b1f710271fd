/**
 * Learns the time of a model's runs as `a + b * rows` milliseconds, by normalized least mean squares (Widrow and Hoff,
 * 1960; Nagumo and Noda, 1967): each run corrects both numbers by a fifth of its error. Runs of one size correct both
 * alike; runs of different sizes separate them.
 *
 * A slow run may be due to garbage collection or another program, so each run counts as at most twice the expected
 * time. A model that has become slow is recognized after several runs.
 */
export class LearnedCost {
  private fixed = 0
  /** For `unit` rows, so that both numbers have a similar magnitude. */
  private variable = 0
  private runs = 0

  /** The expected milliseconds of a run with this many rows; Infinity before the first run. */
  estimate(rows: number): number {
    if (this.runs === 0) return Number.POSITIVE_INFINITY
    return this.fixed + (this.variable * rows) / unit
  }

  /** The number of rows at which the fixed time is this share of the run; Infinity if rows appear to cost nothing. */
  rowsFor(share: number): number {
    if (this.variable === 0) return Number.POSITIVE_INFINITY
    return (this.fixed * (1 / share - 1) * unit) / this.variable
  }

  /** Records a run with this many rows and milliseconds. */
  observe(rows: number, ms: number): void {
    this.runs++
    const size = rows / unit
    const expected = this.fixed + this.variable * size
    const isTrusted = this.runs <= trustedRuns
    const error = (isTrusted ? ms : Math.min(ms, 2 * expected + shortestMs)) - expected
    const step = ((isTrusted ? 1 : pace) * error) / (1 + size * size)
    // The first run does not show the slope, so its time is split between both numbers.
    const first = this.runs === 1 ? ms / (1 + size) : undefined
    this.fixed = first ?? Math.max(0, this.fixed + step)
    this.variable = first ?? Math.max(0, this.variable + step * size)
  }
}

const unit = 32
/** The share of an error that one run corrects. */
const pace = 0.2
/** The first runs are trusted fully: they come from the warm-up, which takes the best of three. */
const trustedRuns = 2
/** Lets the estimate recover from zero, which a coarse clock may measure. */
const shortestMs = 0.01
