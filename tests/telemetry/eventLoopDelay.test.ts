import type { Metrics } from '../../lib/metrics'
import { noMetrics } from '../../lib/metrics'
import { watchEventLoopDelay } from '../../telemetry/eventLoopDelay'
import { FakeClock } from '../support/fakeClock'

function watch() {
  const clock = new FakeClock()
  const seen: number[] = []
  const metrics: Metrics = {
    ...noMetrics,
    histogram: () => ({ observe: (value) => seen.push(Math.round(value * 1000)) }),
  }
  return { clock, seen, stop: watchEventLoopDelay(metrics, clock) }
}

test('a loop that has time delays nothing', () => {
  const { clock, seen } = watch()
  clock.advance(50)
  expect(seen).toEqual([0, 0, 0, 0, 0])
})

test('all that falls due in a long turn has waited for its end', () => {
  const { clock, seen } = watch()
  clock.stall(45)
  clock.advance(0)
  expect(seen).toEqual([35, 25, 15, 5])
})

test('the next looks are on the grid again', () => {
  const { clock, seen } = watch()
  clock.stall(13)
  clock.advance(0)
  clock.advance(17)
  expect(seen).toEqual([3, 0, 0])
})

test('a machine that slept for an hour counts as ten seconds', () => {
  const { clock, seen } = watch()
  clock.stall(3_600_000)
  clock.advance(0)
  expect(seen).toHaveLength(1001)
  expect(seen[0]).toBe(10_000)
})

test('once it is stopped nothing is looked at', () => {
  const { clock, seen, stop } = watch()
  stop()
  clock.advance(100)
  expect(seen).toEqual([])
  expect(clock.pending).toBe(0)
})
