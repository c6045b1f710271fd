/**
 * Estimates a percentile from the counts of a histogram's buckets, with the formula of Prometheus' `histogram_quantile`:
 * values are spread evenly within a bucket, and those above all bounds count as the highest bound. `counts` are not
 * cumulative, and one more than `bounds`. NaN if nothing was counted.
 */
export function percentile(share: number, counts: ArrayLike<number>, bounds: readonly number[]): number {
  let total = 0
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket]
  if (!(total > 0)) return Number.NaN
  const rank = share * total
  let below = 0
  for (let bucket = 0; bucket < bounds.length; bucket++) {
    const own = counts[bucket]
    if (below + own >= rank) {
      const upper = bounds[bucket]
      if (bucket === 0 && upper <= 0) return upper
      const lower = bucket === 0 ? 0 : bounds[bucket - 1]
      return own === 0 ? lower : lower + ((upper - lower) * (rank - below)) / own
    }
    below += own
  }
  return bounds[bounds.length - 1]
}
