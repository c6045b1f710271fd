import { compileRouter } from '../../../routing/compile/compileRouter'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { ObjectiveContract } from '../../../routing/ruleSet/knownNames'
import { shardsOf } from '../../../routing/ruleSet/ruleSet'

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

describe('what is remembered of values', () => {
  const rules = parseRuleSet(
    `
objectives:
  RATING:
    rules:
      - { name: even, when: { member: { prefix: even } }, use: rater@1 }
      - { name: many, when: { group: { in: [${Array.from({ length: 3000 }, (_, at) => `g${at}`).join(', ')}] } }, use: rater@2 }
    default: rater@3
`,
    'rules.yaml',
  )
  const compiled = compileRouter(rules, contracts).for('RATING')
  const ruleOf = (context: Record<string, string | number>) => compiled.decide(context).rule

  it('never decides for values that found no room, nor after others were forgotten for them', () => {
    const wrong = Array.from({ length: 250_000 }, (_, at) => at).filter((at) => {
      const wanted = at % 2 === 0 ? 'even' : undefined
      return ruleOf({ member: `${at % 2 === 0 ? 'even' : 'odd'}-${at}` }) !== wanted
    })
    expect(wrong).toEqual([])
    expect(ruleOf({ member: 'even-0' })).toBe('even')
    expect(ruleOf({ member: 'odd-1' })).toBeUndefined()
  })

  it('takes no cells for a key with thousands of values, and still finds each', () => {
    expect([ruleOf({ group: 'g0' }), ruleOf({ group: 'g2999' }), ruleOf({ group: 'g3000' })]).toEqual([
      'many',
      'many',
      undefined,
    ])
  })

  it('values of kinds that no rule names are told apart from those that are', () => {
    expect(ruleOf({ group: 1 })).toBeUndefined()
    expect(ruleOf({ member: `even${'x'.repeat(5000)}` })).toBe('even')
    expect(ruleOf({ member: Number.NaN })).toBeUndefined()
  })
})

it('decisions without a bucket are one frozen object; those with one are made for each request', () => {
  const drawn = parseRuleSet(
    `
objectives:
  RATING: { default: rater@1, canary: { of: rater@1, to: rater@2, percent: 100, salt: c } }
  SEARCH: { default: finder@1, shadow: [ { model: finder@2, percent: 50, salt: s } ] }
  RANK: { default: ranker@1, rules: [ { name: old, when: { app: old }, use: ranker@2 } ] }
`,
    'rules.yaml',
  )
  const unit = { unit: 'context.member', inputs: [] }
  const both = compileRouter(
    drawn,
    new Map([
      ['RATING', unit],
      ['SEARCH', unit],
      ['RANK', unit],
    ]),
  )
  const rank = both.for('RANK')
  expect(rank.decide({ app: 'old' })).toMatchObject({ reason: 'rule', rule: 'old' })
  expect(rank.decide({ app: 'old' })).toBe(rank.decide({ app: 'old' }))
  expect(rank.decide({ app: 'new' })).toBe(rank.decide({}))
  const rating = both.for('RATING')
  expect(rating.decide({ member: '1' })).not.toBe(rating.decide({ member: '1' }))
  expect(rating.decide({ member: '1' })).toEqual(rating.decide({ member: '1' }))
  expect(rating.decide({})).toBe(rating.decide({ member: '' }))
  const searches = new Set(
    Array.from({ length: 100 }, (_, at) => both.for('SEARCH').decide({ member: String(at) })),
  )
  expect([...searches].map(({ shadows }) => shadows)).toEqual(
    expect.arrayContaining([undefined, ['finder@2']]),
  )
  expect(searches.size).toBe(2)
  expect([...searches].every(Object.isFrozen)).toBe(true)
})
