/**
 * What a run of a model takes, learned from its runs: `a + b * rows` milliseconds. Normalised least mean squares (Widrow
 * and Hoff, 1960; Nagumo and Noda, 1967): each run moves the two numbers so far that a fifth of its error is gone. Runs of
 * one size move both together; only runs of other sizes tell them apart.
 *
 * A run that takes long says little (the collector, a neighbour on the machine), so that it counts as twice what was
 * expected at most; a model that has become slow is believed after some runs.
 */
export class LearnedCost {
  private fixed = 0
  /** Of `unit` rows, so that both numbers are of one size. */
  private variable = 0
  private runs = 0

  /** Milliseconds that a run of so many rows is expected to take; Infinity before the first one. */
  estimate(rows: number): number {
    if (this.runs === 0) return Number.POSITIVE_INFINITY
    return this.fixed + (this.variable * rows) / unit
  }

  /** With how many rows what a run takes whatever it has is so small a share of it; Infinity where rows take nothing, as far as is known. */
  rowsFor(share: number): number {
    if (this.variable === 0) return Number.POSITIVE_INFINITY
    return (this.fixed * (1 / share - 1) * unit) / this.variable
  }

  /** A run of so many rows has taken so many milliseconds. */
  observe(rows: number, ms: number): void {
    this.runs++
    const size = rows / unit
    const expected = this.fixed + this.variable * size
    const isTrusted = this.runs <= trustedRuns
    const error = (isTrusted ? ms : Math.min(ms, 2 * expected + shortestMs)) - expected
    const step = ((isTrusted ? 1 : pace) * error) / (1 + size * size)
    // The first run says nothing of the line's slope: as if these rows cost as much as the run itself.
    const first = this.runs === 1 ? ms / (1 + size) : undefined
    this.fixed = first ?? Math.max(0, this.fixed + step)
    this.variable = first ?? Math.max(0, this.variable + step * size)
  }
}

const unit = 32
/** The part of an error that a run takes away. */
const pace = 0.2
/** So many first runs are believed whatever they say: a warm-up's, each of which is the best of three. */
const trustedRuns = 2
/** So that a run of nothing, as a coarse clock may tell, does not stay nothing. */
const shortestMs = 0.01
