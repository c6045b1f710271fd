import type { Measured } from './measure'

/** How one server stands to another: of medians, and of rounds that ran side by side the lowest and the highest. */
export interface Ratio {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** Predictions that `one` makes for those that `other` makes with the same CPU. */
export function ratio(one: Measured, other: Measured): Ratio {
  const rounds = one.rounds.map(
    (figures, at) => figures.predictionsPerCpuSecond / other.rounds[at].predictionsPerCpuSecond,
  )
  return {
    median: one.median.predictionsPerCpuSecond / other.median.predictionsPerCpuSecond,
    lowest: Math.min(...rounds),
    highest: Math.max(...rounds),
  }
}
