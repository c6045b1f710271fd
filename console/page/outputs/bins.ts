import type { OutputDistribution } from './useDistributions'

/** One bin of a distribution of numbers: its edges, and the share of answers in it. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
  readonly share: number
}

export function binsOf({
  bounds,
  counts,
  count,
}: Pick<OutputDistribution, 'bounds' | 'counts' | 'count'>): readonly Bin[] {
  return (counts ?? []).map((inside, at) => ({
    from: bounds![at],
    to: bounds![at + 1],
    count: inside,
    share: count === 0 ? 0 : inside / count,
  }))
}

/** Between the edges of the bins, as if each bin were filled evenly. */
export function quantile(bins: readonly Bin[], share: number): number | null {
  let below = 0
  for (const { from, to, share: inside } of bins) {
    if (inside > 0 && below + inside >= share) return from + ((share - below) / inside) * (to - from)
    below += inside
  }
  return null
}

/** The mean of the bins' middles. */
export function binnedMean(bins: readonly Bin[]): number {
  return bins.reduce((sum, { from, to, share }) => sum + ((from + to) / 2) * share, 0)
}
