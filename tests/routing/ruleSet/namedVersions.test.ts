import { namedVersions, type RuleSet } from '../../../routing/ruleSet/ruleSet'

test('the versions of an objective are in the order in which rules name them, and collected once', () => {
  let reads = 0
  const objective = {
    get rules() {
      reads++
      return [
        { name: 'a', use: 'm@2' },
        { name: 'b', use: { experiment: 'test' } },
      ]
    },
    default: 'm@1',
    canary: { of: 'm@1', to: 'm@4', percent: 5, salt: 'c' },
    shadow: [{ model: 'm@5', percent: 5, salt: 's' }],
    fallback: ['m@6', { constant: {} }, 'm@2'],
  }
  const cells = [{ name: 'one', percent: 100, use: 'm@3' }]
  const ruleSet: RuleSet = {
    objectives: { RATE: objective },
    experiments: { test: { salt: 't', cells } },
    placement: {},
  }
  const all = ['m@2', 'm@3', 'm@1', 'm@4', 'm@5', 'm@6']
  for (let version = 0; version < 3; version++) expect(namedVersions(ruleSet, 'RATE')).toEqual(all)
  expect(reads).toBe(1)
  expect(namedVersions(ruleSet, 'toString')).toEqual([])
})
