import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import { undecidable } from '../../../routing/parse/undecidable'
import type { KnownNames } from '../../../routing/ruleSet/knownNames'

const known: KnownNames = {
  objectives: new Map([['RATE', { inputs: [] }]]),
  models: new Set(['rater@1']),
  serves: new Map(),
  shards: new Set(['main']),
  asked: new Map([['RISK', 'Order.risk']]),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map(),
  contextKeys: new Set(),
  freeKeys: new Set(),
}

const ruleSet = parseRuleSet(
  `objectives:
  RATE:
    rules: [{ name: old, when: { country: DE }, use: { experiment: gone } }]
    default: rater@9
    canary: { of: rater@7, to: rater@8, percent: 1, salt: s, unit: context.member }
  TAGS: { default: rater@1 }
experiments:
  gone: { salt: a, unit: context.member, cells: [{ name: x, percent: 100, use: rater@5 }] }
  other: { salt: b, unit: input.none, cells: [{ name: x, percent: 100, use: rater@5 }] }
placement: { "*": gpu }
`,
  'rules.yaml',
)

test('versions, context keys, shards and other objectives that are gone keep no objective from deciding', () => {
  expect(undecidable(ruleSet, ['RATE'], known, 'version 1')).toEqual([])
  expect(undecidable(ruleSet, ['RATE'], { ...known, shards: new Set(['gpu']) }, 'version 1')).toEqual([])
})

test.each(['gpu', 'text'])(
  'nor does a field that names a shard, %s, wherever the versions are placed',
  (shard) => {
    const fieldShards = new Map([['RATE', new Set([shard])]])
    expect(undecidable(ruleSet, ['RATE'], { ...known, fieldShards }, 'version 1')).toEqual([])
  },
)

test('an objective that is gone does', () => {
  expect(undecidable(ruleSet, ['TAGS'], known, 'version 1')).toEqual([
    'version 1: objectives.TAGS: must be an objective (RATE), got TAGS',
  ])
})

test.each([
  'rules: [{ name: a, when: { input.prise: 1 }, use: rater@1 }]',
  'canary: { of: rater@1, to: rater@2, percent: 1, salt: s, unit: input.prise }',
])('and an input that is gone: %s', (part) => {
  const rules = parseRuleSet(`objectives: { RATE: { ${part}, default: rater@1 } }`, '')
  expect(undecidable(rules, ['RATE'], known, 'd1.yaml')).toEqual([
    expect.stringMatching(/^d1\.yaml: objectives\.RATE\.\S+: .*prise/),
  ])
})
