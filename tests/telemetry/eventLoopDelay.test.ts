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
  /** How long the event loop has worked; by default all the time. */
  const busy = { ms: () => clock.now() }
  const watch = new EventLoopWatch(metrics, clock, () => busy.ms())
  return { clock, seen, busy, stop: () => watch.stop() }
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

describe('a process with little to do', () => {
  const calm = () => {
    const watched = watch()
    watched.busy.ms = () => 0
    watched.clock.advance(1000)
    watched.seen.length = 0
    return watched
  }

  test('is looked at twice a second, and each event counts', () => {
    const { clock, seen } = calm()
    let looks = 0
    for (let ms = 0; ms < 1000; ms++) {
      const before = seen.length
      clock.advance(1)
      if (seen.length > before) looks++
    }
    expect([looks, seen]).toEqual([2, new Array(100).fill(0)])
  })

  test('has the work of that time counted as one turn', () => {
    const { clock, seen, busy } = calm()
    clock.advance(495)
    busy.ms = () => 35
    clock.advance(5)
    expect(seen).toEqual([...new Array(46).fill(0), 30, 20, 10, 0])
  })

  test('is looked at often again after two periods with more work, but not after one', () => {
    const { clock, seen, busy } = calm()
    let work = 0
    busy.ms = () => work
    const looksIn = (ms: number) => {
      const looks = new Set<number>()
      for (let at = 0; at < ms; at++) {
        const before = seen.length
        clock.advance(1)
        if (seen.length > before) looks.add(at)
      }
      return looks.size
    }
    work += 50
    expect(looksIn(500)).toBe(1)
    expect(looksIn(500)).toBe(1)
    work += 50
    expect(looksIn(500)).toBe(1)
    work += 50
    expect(looksIn(500)).toBe(1)
    expect(looksIn(100)).toBe(10)
  })

  test('has a turn counted that ends after its next look was due', () => {
    const { clock, seen, busy } = calm()
    clock.advance(490)
    busy.ms = () => 25
    clock.stall(25)
    clock.advance(0)
    expect(seen).toEqual([...new Array(48).fill(0), 25, 15, 5])
  })
})
