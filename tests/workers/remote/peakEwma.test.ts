import { PeakEwma } from '../../../workers/remote/balancing/peakEwma'

it('rises to a peak at once and falls slowly, never below the usual', () => {
  const slowness = new PeakEwma()
  expect(slowness.read(0)).toBe(1)
  slowness.observe(20, 1_000)
  expect(slowness.read(1_000)).toBe(20)
  slowness.observe(0.5, 1_100)
  expect(slowness.read(1_100)).toBeGreaterThan(19)
  expect(slowness.read(6_000)).toBeCloseTo(1 + 19 / Math.E, 0)
  expect(slowness.read(60_000)).toBeCloseTo(1, 3)
  slowness.observe(Number.NaN, 60_000)
  expect(slowness.read(60_000)).toBeCloseTo(1, 3)
})
