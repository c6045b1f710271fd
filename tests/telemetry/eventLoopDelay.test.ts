import type { Metrics } from '../../lib/metrics'
import { noMetrics } from '../../lib/metrics'
import { EventLoopWatch } from '../../telemetry/eventLoopDelay'
import { FakeClock } from '../support/fakeClock'

function watch() {
  const clock = new FakeClock()
  const seen: number[] = []
  const metrics: Metrics = {
    ...noMetrics,
    histogram: () => ({ observe: (value) => seen.push(Math.round(value * 1000)) }),
  }
  const watch = new EventLoopWatch(metrics, clock)
  return { clock, seen, stop: () => watch.stop() }
}

test('a loop that has time delays nothing', () => {
  const { clock, seen } = watch()
  clock.advance(100)
  expect(seen).toEqual([0, 0, 0, 0, 0])
})

test('all that falls due in a long turn has waited for its end', () => {
  const { clock, seen } = watch()
  clock.stall(85)
  clock.advance(0)
  expect(seen).toEqual([65, 45, 25, 5])
})

test('the next looks are on the grid again', () => {
  const { clock, seen } = watch()
  clock.stall(23)
  clock.advance(0)
  clock.advance(37)
  expect(seen).toEqual([3, 0, 0])
})

test('a machine that slept for an hour counts as ten seconds', () => {
  const { clock, seen } = watch()
  clock.stall(3_600_000)
  clock.advance(0)
  expect(seen).toHaveLength(501)
  expect(seen[0]).toBe(10_000)
})

test('work that comes in many short turns after a pause delays nothing', () => {
  const { clock, seen } = watch()
  clock.advance(5000)
  for (let turn = 0; turn < 450; turn++) {
    clock.stall(1)
    clock.advance(0)
  }
  expect(Math.max(...seen)).toBeLessThanOrEqual(1)
})

test('once it is stopped nothing is looked at', () => {
  const { clock, seen, stop } = watch()
  stop()
  clock.advance(100)
  expect(seen).toEqual([])
  expect(clock.pending).toBe(0)
})
