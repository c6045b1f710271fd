import { compareHalf, compareRandomly } from '../compareRandomly'

test('50,000 random rule sets, first half: the compiled rules decide as the specification says', () => {
  compareHalf(41)
}, 180_000)

test('100,000 requests to 200 rule sets: what a rule set remembers of one request never changes the answer to another', () => {
  const tally = compareRandomly({ seed: 42, ruleSets: 200, requests: 500 })
  expect(tally.of('rule') + tally.of('experiment')).toBeGreaterThan(10_000)
}, 180_000)
