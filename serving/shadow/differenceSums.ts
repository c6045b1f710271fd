import type { Difference } from './measures'
import { Tally } from './tally'

/** How much the answers to some rows differ in one output, or in one field of a record. */
export interface DifferenceSummary {
  /** With the field of a record: `estimate.low`. */
  readonly output: string
  /** The share of rows on which both agree, 0 to 1: labels, numbers in tolerance, the first k of lists. */
  readonly agreement: number
  /** Of absolute differences, for numbers. */
  readonly meanDifference?: number
  readonly maxDifference?: number
  /** For lists: the share of the first k items that both contain, on average. */
  readonly meanOverlap?: number
}

/** The sums of the comparisons of one output. */
export class DifferenceSums {
  count = 0
  agreed = 0
  readonly differences = new Tally()
  private readonly overlaps = new Tally()

  add({ agrees, difference, overlap }: Difference): void {
    this.count++
    if (agrees) this.agreed++
    if (difference !== undefined) this.differences.add(difference)
    if (overlap !== undefined) this.overlaps.add(overlap)
  }

  summary(output: string): DifferenceSummary {
    const { count, agreed, differences, overlaps } = this
    return {
      output,
      agreement: agreed / count,
      ...(differences.count > 0 && {
        meanDifference: differences.sum / differences.count,
        maxDifference: differences.max,
      }),
      ...(overlaps.count > 0 && { meanOverlap: overlaps.sum / overlaps.count }),
    }
  }
}
