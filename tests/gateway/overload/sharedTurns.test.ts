import { SharedTurns } from '../../../gateway/overload/sharedTurns'

/** How many requests may start in a turn after so many turns of this length, in each of which so many began. */
function mostAfter(turns: number, lengthMs: number, begun: number): number {
  const shared = new SharedTurns()
  let now = 0
  let most = shared.most(now, 0)
  for (let turn = 0; turn < turns; turn++) {
    now += lengthMs
    most = shared.most(now, begun)
  }
  return most
}

test('as many requests start in a turn as take a millisecond', () => {
  expect(mostAfter(50, 1, 1)).toBeCloseTo(1)
  expect(mostAfter(50, 1, 10)).toBeCloseTo(10)
})

test('requests that take very long start one by one', () => {
  expect(mostAfter(50, 300, 8)).toBe(1)
})

test('a single stall is soon forgotten', () => {
  const shared = new SharedTurns()
  let now = 0
  const turn = (lengthMs: number) => {
    now += lengthMs
    return shared.most(now, 10)
  }
  for (let n = 0; n < 50; n++) turn(1)
  turn(1000)
  for (let n = 0; n < 30; n++) turn(1)
  expect(turn(1)).toBeGreaterThan(9)
})
