import { conditionText } from '../../../console/page/rules/conditionText'
import { leafKey, ruleTree } from '../../../console/page/rules/ruleTree'

it.each([
  [undefined, 'always'],
  [{ country: 'DE' }, 'country is DE'],
  [
    { country: { in: ['DE', 'AT'] }, not: { device: 'tv' } },
    'country is one of DE, AT and not (device is tv)',
  ],
  [
    { any: [{ 'input.year': { gte: 1960, lt: 1970 } }, { surface: { exists: false } }] },
    '(input.year is at least 1960 and input.year is below 1970 or surface is absent)',
  ],
  [{ any: [] }, 'never'],
  [{ app: { semver: '>=3' }, beta: true }, 'app is in the range >=3 and beta is true'],
])('the condition %j reads: %s', (when, text) => {
  expect(conditionText(when)).toBe(text)
})

const ruleSet = {
  objectives: {
    RATE: {
      rules: [
        { name: 'test', when: { country: 'DE' }, use: { experiment: 'e' } },
        { name: 'kids', use: 'a@1' },
      ],
      default: 'b@1',
      canary: { of: 'a@1', to: 'a@2', percent: 5 },
      fallback: ['a@1', { constant: { y: 1 } }],
    },
  },
  experiments: { e: { cells: [{ name: 'one', percent: 100, use: 'c@1' }] } },
}

it('a tree has a leaf for each place where a decision can end, and decisions find theirs', () => {
  const { ways, fallbacks } = ruleTree(ruleSet, 'RATE')!
  expect(
    ways.map(({ rule, leaves }) => [rule, leaves.map(({ model, percent }) => [model, percent])]),
  ).toEqual([
    ['test', [['c@1', 100]]],
    [
      'kids',
      [
        ['a@1', 95],
        ['a@2', 5],
      ],
    ],
    ['', [['b@1', undefined]]],
  ])
  expect(fallbacks).toEqual(['a@1', '{"constant":{"y":1}}'])
  const ends = [
    { model: 'c@1', reason: 'experiment', rule: 'test', cell: 'one' },
    { model: 'a@1', reason: 'rule', rule: 'kids', cell: '' },
    { model: 'a@2', reason: 'canary', rule: 'kids', cell: null },
    { model: 'b@1', reason: 'default' },
  ]
  expect(ends.map(leafKey)).toEqual(ways.flatMap(({ leaves }) => leaves.map(({ key }) => key)))
  expect(leafKey({ model: 'b@1', reason: 'override' })).not.toBe(leafKey({ model: 'b@1', reason: 'default' }))
})

it('an objective that the rules do not have has no tree', () => {
  expect(ruleTree(ruleSet, 'toString')).toBeUndefined()
})
