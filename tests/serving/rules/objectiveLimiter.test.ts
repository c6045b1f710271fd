import { ObjectiveLimiter } from '../../../serving/rules/objectiveLimiters'
import { OwnRows } from '../../../serving/rules/rowBudget'
import { FakeClock } from '../../support/fakeClock'

function limiting() {
  const clock = new FakeClock()
  return { clock, limiter: new ObjectiveLimiter(new OwnRows(clock)) }
}

describe('rows a second', () => {
  it('may all come at once, and then as fast as they fill', () => {
    const { clock, limiter } = limiting()
    expect([limiter.take(7, 10), limiter.take(7, 10), limiter.take(7, 10)]).toEqual([7, 3, 0])
    clock.advance(250)
    expect(limiter.take(7, 10)).toBe(2)
    clock.advance(50)
    expect(limiter.take(7, 10)).toBe(1) // half of one was left before
    clock.advance(60_000)
    expect(limiter.take(99, 10)).toBe(10)
  })

  it('below one let a row go now and then', () => {
    const { clock, limiter } = limiting()
    expect([limiter.take(1, 0.5), limiter.take(1, 0.5)]).toEqual([1, 0])
    clock.advance(1999)
    expect(limiter.take(1, 0.5)).toBe(0)
    clock.advance(1)
    expect(limiter.take(1, 0.5)).toBe(1)
  })

  it('that rules change hold from then on, with no new allowance', () => {
    const { clock, limiter } = limiting()
    expect(limiter.take(8, 10)).toBe(8)
    expect(limiter.take(8, 100)).toBe(2)
    clock.advance(100)
    expect(limiter.take(99, 100)).toBe(10)
    clock.advance(60_000)
    expect(limiter.take(99, 5)).toBe(5)
  })
})

it('concurrency is of those who have entered and not left', () => {
  const { limiter } = limiting()
  expect([limiter.enter(2), limiter.enter(2), limiter.enter(2), limiter.enter(3)]).toEqual([
    true,
    true,
    false,
    true,
  ])
  limiter.leave()
  limiter.leave()
  expect(limiter.enter(2)).toBe(true)
  expect(limiter.enter(2)).toBe(false)
})
