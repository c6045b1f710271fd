/** How many bins a scale has; even, because widening merges them in pairs. */
export const binCount = 40

/** Counts numbers of several series in bins of one width, a power of two, which doubles when one falls outside. */
export class NumberScale {
  private low = 0
  private width = 0
  private readonly series: Float64Array[] = []

  /** Bins are at least as wide as `leastWidth`. */
  constructor(private readonly leastWidth: number) {}

  /** One more than there are bins; undefined before the first number. A bin contains its lower bound. */
  bounds(): readonly number[] | undefined {
    if (this.width === 0) return undefined
    return Array.from({ length: binCount + 1 }, (_, bin) => this.low + bin * this.width)
  }

  addSeries(): Float64Array {
    const counts = new Float64Array(binCount)
    this.series.push(counts)
    return counts
  }

  /** Counts finite numbers. */
  count(counts: Float64Array, numbers: readonly number[]): void {
    if (numbers.length === 0) return
    let [lowest] = numbers
    let highest = lowest
    for (const number of numbers) {
      if (number < lowest) lowest = number
      if (number > highest) highest = number
    }
    this.include(lowest, highest)
    for (const number of numbers) {
      const bin = Math.floor((number - this.low) / this.width)
      // Beyond what bins can be widened to, all numbers are at the ends.
      counts[Math.min(Math.max(bin, 0), binCount - 1)]++
    }
  }

  private include(lowest: number, highest: number): void {
    if (this.width === 0) this.begin(lowest, highest)
    while (highest >= this.low + binCount * this.width && this.width < widest) this.widen(false)
    while (lowest < this.low && this.width < widest) this.widen(true)
  }

  private begin(lowest: number, highest: number): void {
    const span = Math.min(highest - lowest || Math.abs(lowest) || 1, widest)
    this.width = Math.max(2 ** Math.ceil(Math.log2(span / (binCount - 1))), this.leastWidth, narrowest)
    this.low = Math.floor(lowest / this.width) * this.width
  }

  private widen(isDownwards: boolean): void {
    if (isDownwards) this.low -= binCount * this.width
    this.width *= 2
    const first = isDownwards ? binCount / 2 : 0
    for (const counts of this.series) {
      const old = counts.slice()
      counts.fill(0)
      for (let bin = 0; bin < binCount; bin++) counts[first + (bin >> 1)] += old[bin]
    }
  }
}

const widest = 2 ** 1000
const narrowest = 2 ** -1000
