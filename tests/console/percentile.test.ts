import fc from 'fast-check'
import { percentile } from '../../console/metrics/percentile'

const bounds = [0.1, 0.25, 0.5, 1, 5]

it.each([
  ['half of one bucket', [10, 0, 0, 0, 0, 0], 0.5, 0.05],
  ['the end of a bucket', [5, 5, 0, 0, 0, 0], 0.5, 0.1],
  ['within a later bucket', [5, 5, 0, 0, 0, 0], 0.75, 0.175],
  ['over empty buckets', [5, 0, 0, 5, 0, 0], 0.6, 0.6],
  ['above all bounds', [0, 0, 0, 0, 0, 3], 0.5, 5],
])('%s', (_, counts, share, expected) => {
  expect(percentile(share, counts, bounds)).toBeCloseTo(expected, 10)
})

it('of nothing there is none', () => {
  expect(percentile(0.5, [0, 0, 0, 0, 0, 0], bounds)).toBeNaN()
})

it('is what Prometheus computes from cumulative buckets', () => {
  const counts = fc.array(fc.nat(50), { minLength: bounds.length + 1, maxLength: bounds.length + 1 })
  const share = fc.double({ min: 0.01, max: 0.999, noNaN: true })
  fc.assert(
    fc.property(counts, share, (own, quantile) => {
      expect(percentile(quantile, own, bounds)).toBeCloseTo(bucketQuantile(quantile, own), 9)
    }),
  )
})

/** By the description of `histogram_quantile`, over cumulative buckets as Prometheus has them. */
function bucketQuantile(quantile: number, own: readonly number[]): number {
  const upper = [...bounds, Number.POSITIVE_INFINITY]
  const cumulative = own.map((_, index) => own.slice(0, index + 1).reduce((sum, one) => sum + one))
  const observations = cumulative[cumulative.length - 1]
  if (observations === 0) return Number.NaN
  const rank = quantile * observations
  const found = cumulative.slice(0, -1).findIndex((count) => count >= rank)
  if (found === -1) return upper[upper.length - 2]
  const start = found === 0 ? 0 : upper[found - 1]
  const before = found === 0 ? 0 : cumulative[found - 1]
  return start + ((upper[found] - start) * (rank - before)) / (cumulative[found] - before)
}
