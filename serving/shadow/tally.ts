export interface Latency {
  readonly count: number
  readonly meanMs: number
  readonly maxMs: number
}

export class Tally {
  count = 0
  sum = 0
  max = 0

  add(value: number): void {
    this.count++
    this.sum += value
    if (value > this.max) this.max = value
  }

  latency(): Latency {
    const { count, sum, max } = this
    return { count, meanMs: count === 0 ? 0 : sum / count, maxMs: max }
  }
}
