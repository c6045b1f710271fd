/**
 * Limits second runs: one per ten batches by default, with a burst of ten. A worker that hangs needs a few; a model that is
 * merely slower than its callers' deadlines must not run everything twice. (Dean and Barroso, The Tail at Scale, 2013.)
 */
export class HedgeBudget {
  private tokens: number

  /** `most` is the burst; 0 turns hedging off. */
  constructor(
    private readonly most = burst,
    private readonly perBatch = 0.1,
    /** Whether retries after a lost worker are limited too, together with hedges. */
    readonly coversRetries = false,
  ) {
    this.tokens = most
  }

  earn(): void {
    this.tokens = Math.min(this.most, this.tokens + this.perBatch)
  }

  /** Returns false if there is nothing left to spend. */
  spend(): boolean {
    if (this.tokens < 1) return false
    this.tokens -= 1
    return true
  }
}

const burst = 10
