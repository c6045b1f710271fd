import { compileRouter } from '../../routing/compileRouter'
import type { ObjectiveContract } from '../../routing/knownNames'
import { parseRuleSet } from '../../routing/parseRuleSet'
import { shardsOf } from '../../routing/ruleSet'

const ruleSet = parseRuleSet(
  `
objectives:
  RATING: { default: rater@2 }
  SEARCH: { default: finder@1 }
placement: { rater@2: [fast, main], finder: text, "*": main }
`,
  'rules.yaml',
)
const contracts = new Map<string, ObjectiveContract>([
  ['RATING', { inputs: [] }],
  ['SEARCH', { inputs: [] }],
])
const router = compileRouter(ruleSet, contracts)

it('answers with the default version and its first shard, the same object every time', () => {
  const rating = router.for('RATING')
  expect(rating.perRow).toBe(false)
  const decision = rating.decide({})
  expect(decision).toEqual({ objective: 'RATING', model: 'rater@2', shard: 'fast', reason: 'default' })
  expect(rating.decide({ country: 'PT' })).toBe(decision)
  expect(rating.decideRow({}, [['1']], 0)).toBe(decision)
  expect(Object.isFrozen(decision)).toBe(true)
  expect(router.for('RATING')).toBe(rating)
})

it('takes the shard that a field names', () => {
  expect(router.for('RATING', 'main').decide({})).toMatchObject({ model: 'rater@2', shard: 'main' })
  expect(router.for('RATING').decide({}).shard).toBe('fast')
})

it('does not know an objective without a rule', () => {
  expect(() => router.for('constructor')).toThrow('Bug: no rule for constructor')
})

it('places a version by its own entry, then its name, then all, then main', () => {
  expect(['rater@2', 'rater@1', 'finder@7', 'other@1'].map((key) => shardsOf(ruleSet, key))).toEqual([
    ['fast', 'main'],
    ['main'],
    ['text'],
    ['main'],
  ])
  const bare = parseRuleSet('objectives: { A: { default: a@1 } }', 'rules.yaml')
  expect(shardsOf(bare, 'a@1')).toEqual(['main'])
})
