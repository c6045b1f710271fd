import type { Decision } from '../../../routing/ruleSet/router'
import { DecidedGroups } from '../../../serving/requests/rowGroups'

const base: Decision = { objective: 'RATE', model: 'm@1', shard: 'main', reason: 'rule' }

test('rows of the same rule, cell and shadows are one group, whatever their buckets', () => {
  const groups = new DecidedGroups()
  const decisions: readonly Decision[] = [
    { ...base, rule: 'a', experiment: 'test', cell: 'one', bucket: 1 },
    { ...base, rule: 'b' },
    { ...base, rule: 'a', experiment: 'test', cell: 'one', bucket: 2 },
    { ...base, rule: 'a', experiment: 'test', cell: 'two', bucket: 900_000 },
    { ...base, reason: 'default' },
    { ...base, rule: 'b', shadows: ['m@2'] },
    { ...base, rule: 'b' },
  ]
  for (const [row, decision] of decisions.entries()) groups.add(row, decision)
  expect(groups.groups.map(({ members }) => members)).toEqual([[0, 2], [1, 6], [3], [4], [5]])
  expect(groups.groups[0].decisions.map(({ bucket }) => bucket)).toEqual([1, 2])
})

test('a row is not compared with those of every other rule', () => {
  const groups = new DecidedGroups()
  let comparisons = 0
  for (let row = 0; row < 1000; row++) {
    const decision = {
      ...base,
      rule: `rule-${row}`,
      get model() {
        comparisons++
        return 'm@1'
      },
    }
    groups.add(row, decision)
  }
  expect(groups.groups).toHaveLength(1000)
  expect(comparisons).toBeLessThan(5000)
})
