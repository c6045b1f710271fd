import { TokenBucket } from '../../../lib/scheduling/tokenBucket'
import { FakeClock } from '../../support/fakeClock'

test('a bucket is full at first, fills evenly and holds no more than fits', () => {
  const clock = new FakeClock()
  const bucket = new TokenBucket(clock)
  const take = (asked: number) => bucket.take(asked, 10, 20)
  expect([take(15), take(15), take(1)]).toEqual([15, 5, 0])
  clock.advance(99)
  expect(take(1)).toBe(0)
  clock.advance(1)
  expect([take(1), take(1)]).toEqual([1, 0])
  clock.advance(60_000)
  expect(take(100)).toBe(20)
})
