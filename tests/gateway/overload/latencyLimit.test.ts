import { LatencyLimit } from '../../../gateway/overload/concurrencyLimiter'

const busy = { isBusy: () => true }
const idle = { isBusy: () => false }
const peak = 1

function limitAfter(limit: LatencyLimit, count: number, used: number, inFlight: number, load = busy): number {
  for (let n = 0; n < count; n++)
    limit.update(1, { admittedAt: 1, timeoutMs: 100, inFlight, used }, true, peak, load)
  return limit.at(1)
}

test('there is none while answers are in time', () => {
  expect(limitAfter(new LatencyLimit(), 100, 0.4, 64)).toBe(Number.POSITIVE_INFINITY)
})

test('answers past their timeout bring it down to what would have been answered in half of it', () => {
  // A quarter of the last answers must be late: ten of them, as each counts a thirty-second.
  expect(limitAfter(new LatencyLimit(), 10, 2, 64)).toBeCloseTo((64 / 100) * (0.5 / 2))
})

test('late answers say nothing among few requests, nor while the process has idle time', () => {
  expect(limitAfter(new LatencyLimit(), 100, 2, 15)).toBe(Number.POSITIVE_INFINITY)
  expect(limitAfter(new LatencyLimit(), 100, 2, 64, idle)).toBe(Number.POSITIVE_INFINITY)
})

test('it rises with answers in time, by the same share for as many as it admits, and not beyond the peak throughput', () => {
  const limit = new LatencyLimit()
  const low = limitAfter(limit, 10, 2, 64)
  expect(limitAfter(limit, Math.round(low * 100), 0.1, 64)).toBeCloseTo(low * 1.04, 2)
  expect(limitAfter(limit, 10_000, 0.1, 1000)).toBeLessThan(peak * 1.01)
})

test('it falls once for all requests that were admitted under the old one, and not below a tenth of the peak', () => {
  const limit = new LatencyLimit()
  const first = limitAfter(limit, 10, 2, 64)
  const late = (now: number, admittedAt: number) =>
    limit.update(now, { admittedAt, timeoutMs: 100, inFlight: 64, used: 2 }, true, peak, busy)
  late(5, 5)
  expect(limit.at(5)).toBeCloseTo(first * 0.8)
  late(6, 4)
  expect(limit.at(6)).toBeCloseTo(first * 0.8)
  for (let now = 7; now < 50; now++) late(now, now)
  expect(limit.at(50)).toBeCloseTo(peak * 0.1)
})

test('it ends ten seconds after it last refused a request', () => {
  const limit = new LatencyLimit()
  const low = limitAfter(limit, 10, 2, 64)
  limit.needed(5000)
  expect(limit.at(15_000)).toBe(low)
  expect(limit.at(15_001)).toBe(Number.POSITIVE_INFINITY)
})
