import { compareOptions } from '../../../console/page/release/compareOptions'
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

it('what has no unit stands with the default, at the version of its first cell', () => {
  const { experiments } = ruleSet
  const cells = [
    { name: 'one', percent: 60, use: 'c@1' },
    { name: 'two', percent: 40, use: 'c@2' },
  ]
  const tree = ruleTree(
    {
      objectives: {
        RATE: {
          rules: [{ name: 'test', use: { experiment: 'e' } }],
          default: { experiment: 'f' },
          canary: { of: 'c@1', to: 'c@3', percent: 5 },
        },
      },
      experiments: { ...experiments, f: { cells } },
    },
    'RATE',
  )!
  expect(
    tree.ways.map(({ leaves }) => leaves.map(({ model, how, percent }) => [model, how, percent])),
  ).toEqual([
    [['c@1', 'cell one', 100]],
    [
      ['c@1', 'cell one', 60],
      ['c@2', 'cell two', 40],
      ['c@1', 'without a unit', undefined],
    ],
  ])
  expect(tree.ways[1].leaves[2].key).toBe(leafKey({ model: 'c@1', reason: 'default', rule: '', cell: '' }))
})

it('a version is not compared with itself where one cell takes all', () => {
  const rules = { objectives: { RATE: { default: { experiment: 'e' } } }, experiments: ruleSet.experiments }
  expect(compareOptions(ruleTree(rules, 'RATE')!, ['c@1', 'd@1'])).toMatchObject({
    base: 'c@1',
    other: 'd@1',
  })
})

it('what a canary leaves has four decimals at most, as percentages have', () => {
  const rules = { default: 'a@1', canary: { of: 'a@1', to: 'a@2', percent: 33.3333 } }
  const { ways } = ruleTree({ objectives: { RATE: rules } }, 'RATE')!
  expect(ways[0].leaves.map(({ percent }) => percent)).toEqual([66.6667, 33.3333])
})

it('an objective that the rules do not have has no tree', () => {
  expect(ruleTree(ruleSet, 'toString')).toBeUndefined()
})
