import { type MurmurPrefix, murmur3From } from './murmur3'

/** The number of buckets for units. A percentage with four decimals is a whole number of buckets. */
export const totalBuckets = 1_000_000

/** How many buckets a percentage covers: those below this number. */
export function percentBuckets(percent: number): number {
  return Math.round(percent * (totalBuckets / 100))
}

/** The end of each of several consecutive ranges. Integers are added, so that rounding errors do not add up. */
export function rangeEnds(ranges: readonly { readonly percent: number }[]): readonly number[] {
  let end = 0
  return ranges.map(({ percent }) => {
    end += percentBuckets(percent)
    return end
  })
}

/** The bucket of a unit, given the hash of the salt so far. */
export function bucketOf(salt: MurmurPrefix, unit: string): number {
  return Math.floor((murmur3From(salt, unit) * totalBuckets) / 2 ** 32)
}
