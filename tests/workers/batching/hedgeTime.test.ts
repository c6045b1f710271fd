import { hedgeTime, RunTimes } from '../../../workers/batching/schedule'

/** Runs of which one in fifty takes `slow` times as long as expected. */
function timesOf(slow: number, runs = 1_000): RunTimes {
  const times = new RunTimes()
  for (let run = 0; run < runs; run++) times.observe(run % 50 === 0 ? 10 * slow : 10, 10)
  return times
}

describe('how much runs vary', () => {
  it('is told once there were enough, in steps of a fifth', () => {
    expect(timesOf(8, 199).quantile(0.5)).toBeUndefined()
    expect(timesOf(8).quantile(0.5)).toBeCloseTo(1)
    expect(timesOf(8).quantile(0.99)).toBeCloseTo(8)
  })

  it('follows a change', () => {
    const times = timesOf(1)
    for (let run = 0; run < 10_000; run++) times.observe(40, 10)
    expect(times.quantile(0.05)).toBeCloseTo(4)
  })

  it('takes no run whose time was not expected', () => {
    const times = new RunTimes()
    for (let run = 0; run < 1_000; run++) times.observe(10, Number.POSITIVE_INFINITY)
    expect(times.quantile(0.5)).toBeUndefined()
  })
})

describe('a batch is sent to a second worker', () => {
  it('at half its time as long as nothing is known', () => {
    expect(hedgeTime(100, 1_100, 10, new RunTimes())).toBe(600)
  })

  it('when the time left is twice what slow runs take', () => {
    expect(hedgeTime(100, 1_100, 10, timesOf(8))).toBeCloseTo(1_100 - 2 * 8 * 10)
  })

  it('with a hundred milliseconds to spare where runs are short, or half the time', () => {
    expect(hedgeTime(100, 1_100, 10, timesOf(1))).toBeCloseTo(1_000)
    expect(hedgeTime(100, 160, 10, timesOf(1))).toBeCloseTo(130)
  })

  it('with a tenth of the time to spare where there is much', () => {
    expect(hedgeTime(100, 5_100, 10, timesOf(1))).toBeCloseTo(4_600)
  })

  it('not before its own run takes longer than most', () => {
    expect(hedgeTime(100, 140, 10, timesOf(8))).toBeCloseTo(110)
  })

  it('not if the time is too short for another run', () => {
    expect(hedgeTime(100, 115, 10, timesOf(8))).toBe(Number.POSITIVE_INFINITY)
    expect(hedgeTime(100, Number.POSITIVE_INFINITY, 10, timesOf(8))).toBe(Number.POSITIVE_INFINITY)
  })
})
