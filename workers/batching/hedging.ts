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

/**
 * When to send a batch that began `now` to a second worker as well, in the clock's milliseconds; Infinity if never.
 *
 * Only once its run takes longer than most, and the time that is left is about to become too short for a second run, as
 * long as the slowest percent takes. With nothing learned yet, at half the time to the deadline.
 */
export function hedgeTime(now: number, deadline: number, expectedMs: number, times: RunTimes): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline
  const halfMs = (deadline - now) / 2
  const slow = times.quantile(0.99)
  const usual = times.quantile(0.95)
  if (slow === undefined || usual === undefined) return now + halfMs
  const needed = Math.max(2 * slow * expectedMs, Math.min(halfMs, Math.max(spareMs, halfMs / 5)))
  const at = Math.max(now + usual * expectedMs, deadline - needed)
  return at + expectedMs < deadline ? at : Number.POSITIVE_INFINITY
}

/** For timers that fire late, and for a second worker that is busy at that moment. A tenth of the time, if that is more. */
const spareMs = 100

/**
 * How much the times of a model's runs vary: quantiles of the time over the expected time, in buckets whose width grows
 * with the ratio. Runs of the past count less and less.
 */
export class RunTimes {
  private readonly counts = new Float64Array(buckets)
  private total = 0

  observe(ms: number, expectedMs: number): void {
    const ratio = ms / expectedMs
    if (!(ratio > 0) || ratio === Number.POSITIVE_INFINITY) return
    const bucket = Math.ceil(bucketsPerOctave * (Math.log2(ratio) + lowestOctave))
    this.counts[Math.max(0, Math.min(buckets - 1, bucket))]++
    if (++this.total < mostRuns) return
    this.total = 0
    for (let at = 0; at < buckets; at++) this.total += this.counts[at] /= 2
  }

  /** The ratio that this share of the runs does not exceed; undefined before there were enough. */
  quantile(share: number): number | undefined {
    if (this.total < leastRuns) return undefined
    let left = share * this.total
    let at = 0
    for (; at < buckets - 1; at++) {
      left -= this.counts[at]
      if (left <= 0) break
    }
    return 2 ** (at / bucketsPerOctave - lowestOctave)
  }
}

/** From a sixteenth of the expected time to 4,096 times as much. */
const lowestOctave = 4
const bucketsPerOctave = 4
const buckets = 16 * bucketsPerOctave + 1
/** Enough that the slowest percent is more than one run. */
const leastRuns = 200
/** Then all runs so far count half. */
const mostRuns = 2_000
