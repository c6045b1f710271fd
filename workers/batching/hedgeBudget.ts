/**
 * How often a batch may be sent to a second worker: once for every ten batches, and ten times at once. A worker that
 * hangs needs a few; a model that is merely slower than its callers' deadlines must not run everything twice.
 * (Dean and Barroso, The Tail at Scale, 2013.)
 */
export class HedgeBudget {
  private tokens: number

  /** `most`: how many at once; none at all with 0. */
  constructor(private readonly most = burst) {
    this.tokens = most
  }

  earn(): void {
    this.tokens = Math.min(this.most, this.tokens + perBatch)
  }

  /** False if there is nothing left to spend. */
  spend(): boolean {
    if (this.tokens < 1) return false
    this.tokens -= 1
    return true
  }
}

const burst = 10
const perBatch = 0.1
