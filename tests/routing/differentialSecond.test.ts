import { compareRandomly } from './compareRandomly'

// The other half is `differential.test.ts`.
test('50,000 random rule sets, second half: the compiled rules decide as the specification says', () => {
  const tally = compareRandomly({ seed: 43, ruleSets: 50_000, requests: 2 })
  for (const reason of ['override', 'experiment', 'canary', 'rule', 'default']) {
    expect(tally.of(reason)).toBeGreaterThan(1000)
  }
  for (const key of ['bucket', 'shadows', 'flags', 'cell']) expect(tally.of(key)).toBeGreaterThan(2500)
  expect(tally.of('per row')).toBeGreaterThan(20_000)
  expect(tally.of('per request')).toBeGreaterThan(20_000)
}, 180_000)
