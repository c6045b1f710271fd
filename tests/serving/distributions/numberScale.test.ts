import fc from 'fast-check'
import { binCount, NumberScale } from '../../../serving/distributions/numberScale'

/** How many of the numbers are in each bin, counted anew. */
function counted(numbers: readonly number[], bounds: readonly number[]): number[] {
  return Array.from(
    { length: binCount },
    (_, bin) => numbers.filter((one) => one >= bounds[bin] && one < bounds[bin + 1]).length,
  )
}

it('has no bounds before the first number', () => {
  expect(new NumberScale(0).bounds()).toBeUndefined()
})

it('begins with bounds around the first numbers', () => {
  const scale = new NumberScale(0)
  const counts = scale.addSeries()
  scale.count(counts, [1, 2, 5])
  const bounds = scale.bounds()!
  expect(bounds).toHaveLength(binCount + 1)
  expect([bounds[0], bounds[1], bounds[binCount]]).toEqual([1, 1.125, 6])
  expect([...counts]).toEqual(counted([1, 2, 5], bounds))
})

it('widens by doubling, in the direction of what falls outside, for all its series', () => {
  const scale = new NumberScale(0)
  const one = scale.addSeries()
  scale.count(one, [1, 2, 5])
  const other = scale.addSeries()
  scale.count(other, [7])
  expect([scale.bounds()![0], scale.bounds()![binCount]]).toEqual([1, 11])
  scale.count(other, [-20])
  expect([scale.bounds()![0], scale.bounds()![binCount]]).toEqual([-29, 11])
  expect([...one]).toEqual(counted([1, 2, 5], scale.bounds()!))
  expect([...other]).toEqual(counted([7, -20], scale.bounds()!))
})

it('counts whole numbers in bins of whole numbers', () => {
  const scale = new NumberScale(1)
  scale.count(scale.addSeries(), [3, 4])
  expect(scale.bounds()!.slice(0, 3)).toEqual([3, 4, 5])
})

it('counts every number in its bin, however they come', () => {
  // Sixty-fourths, so that no bound is missed by rounding.
  const number = fc.integer({ min: -1e6, max: 1e6 }).map((one) => one / 64)
  const numbers = fc.array(fc.array(number, { minLength: 1 }))
  fc.assert(
    fc.property(numbers, numbers, (groups, others) => {
      const scale = new NumberScale(0)
      const [one, other] = [scale.addSeries(), scale.addSeries()]
      for (let n = 0; n < Math.max(groups.length, others.length); n++) {
        scale.count(one, groups[n] ?? [])
        scale.count(other, others[n] ?? [])
      }
      const bounds = scale.bounds()
      if (bounds === undefined) return
      expect([...one]).toEqual(counted(groups.flat(), bounds))
      expect([...other]).toEqual(counted(others.flat(), bounds))
    }),
  )
})

it('ends with the largest numbers that there are', () => {
  const scale = new NumberScale(0)
  const counts = scale.addSeries()
  scale.count(counts, [0])
  scale.count(counts, [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE])
  expect(counts.reduce((sum, count) => sum + count)).toBe(4)
  expect(scale.bounds()!.every(Number.isFinite)).toBe(true)
})
