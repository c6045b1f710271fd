import { type MurmurPrefix, murmur3From } from './murmur3'

/** Units fall into so many buckets, so that a percentage of four decimals is a whole number of them. */
export const totalBuckets = 1_000_000

/** The buckets that a percentage covers: those below this. */
export function percentBuckets(percent: number): number {
  return Math.round(percent * (totalBuckets / 100))
}

/** Where each of consecutive ranges ends. Whole numbers are added, so that no error of floating point adds up. */
export function rangeEnds(ranges: readonly { readonly percent: number }[]): readonly number[] {
  let end = 0
  return ranges.map(({ percent }) => {
    end += percentBuckets(percent)
    return end
  })
}

/** The bucket of a unit under a salt, whose hash so far is given. */
export function bucketOf(salt: MurmurPrefix, unit: string): number {
  return Math.floor((murmur3From(salt, unit) * totalBuckets) / 2 ** 32)
}
