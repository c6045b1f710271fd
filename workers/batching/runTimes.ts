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
