import { compareRandomly } from '../compareRandomly'

test('15,000 random rule sets: the compiled rules decide as the specification says', () => {
  const tally = compareRandomly({ seed: 41, ruleSets: 15_000, requests: 2 })
  for (const reason of ['override', 'experiment', 'canary', 'rule', 'default']) {
    expect(tally.of(reason)).toBeGreaterThan(300)
  }
  for (const key of ['bucket', 'shadows', 'flags', 'cell']) expect(tally.of(key)).toBeGreaterThan(750)
  expect(tally.of('per row')).toBeGreaterThan(6_000)
  expect(tally.of('per request')).toBeGreaterThan(6_000)
}, 180_000)

test('30,000 requests to 200 rule sets: what a rule set remembers of one request never changes the answer to another', () => {
  const tally = compareRandomly({ seed: 42, ruleSets: 200, requests: 150 })
  expect(tally.of('rule') + tally.of('experiment')).toBeGreaterThan(3_000)
}, 180_000)
