import { compileRouter } from '../../../routing/compile/compileRouter'
import type { Explanation } from '../../../routing/compile/explain'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'

const ruleSet = parseRuleSet(
  `
objectives:
  RATE:
    rules:
      - { name: kids, when: { surface: kids, country: { in: [DE, AT], ne: AT } }, use: rater@1 }
      - { name: tv, when: { any: [ { device: tv }, { not: { app: { semver: "*" } } } ] }, use: { experiment: half } }
      - { name: late, when: { never: reached }, use: rater@1 }
    default: rater@2
    canary: { of: rater@2, to: rater@3, percent: 100, salt: canary, unit: context.device }
    shadow: [ { model: rater@1, percent: 0, salt: s }, { model: rater@3, percent: 100, salt: s } ]
  BY_ROW: { rules: [ { name: old, when: { input.year: { lt: 1960 } }, use: rater@1 } ], default: rater@2 }
experiments: { half: { salt: half, cells: [ { name: a, percent: 100, use: rater@2 } ] } }
`,
  'rules.yaml',
)
const year = { name: 'year', type: { kind: 'Int' }, nullable: true, onNull: 'missing' } as const
const contracts = new Map([
  ['RATE', { unit: 'context.member', inputs: [] }],
  ['BY_ROW', { inputs: [year] }],
])
const router = compileRouter(ruleSet, contracts, (_, model) => model === 'rater@1')

it('tells the rules tried, each clause with what came, and every draw', () => {
  const { decision, rules, draws } = router.explain({
    objective: 'RATE',
    context: { surface: 'kids', country: 'AT', app: 'old', member: '7' },
  }) as Explanation
  expect(decision).toMatchObject({
    model: 'rater@2',
    reason: 'experiment',
    rule: 'tv',
    cell: 'a',
    shadows: ['rater@3'],
  })
  expect(rules).toEqual([
    {
      name: 'kids',
      matched: false,
      clauses: [
        { clause: 'surface.eq', held: true, wanted: 'kids', got: 'kids' },
        { clause: 'country.in', held: true, wanted: ['DE', 'AT'], got: 'AT' },
        { clause: 'country.ne', held: false, wanted: 'AT', got: 'AT' },
      ],
    },
    {
      name: 'tv',
      matched: true,
      clauses: [
        { clause: 'any', held: true },
        { clause: 'any.0.device.eq', held: false, wanted: 'tv', got: null },
        { clause: 'any.1.not', held: true },
        { clause: 'any.1.not.app.semver', held: false, wanted: '*', got: 'old' },
      ],
    },
  ])
  const unit = { unit: 'context.member', value: '7' }
  expect(draws).toEqual([
    { by: 'experiment', name: 'half', salt: 'half', ...unit, bucket: decision.bucket, cell: 'a' },
    { by: 'shadow', name: 'rater@1', salt: 's', ...unit, bucket: expect.any(Number), taken: false },
    { by: 'shadow', name: 'rater@3', salt: 's', ...unit, bucket: expect.any(Number), taken: true },
  ])
})

it('without a unit it tells what was to be drawn, and what by', () => {
  const { decision, draws } = router.explain({ objective: 'RATE', context: { device: 'tv' } }) as Explanation
  expect(decision).toMatchObject({ model: 'rater@3', reason: 'canary', flags: ['NO_UNIT'] })
  expect(draws).toEqual([
    { by: 'experiment', name: 'half', salt: 'half', unit: 'context.member' },
    {
      by: 'canary',
      name: 'rater@3',
      salt: 'canary',
      unit: 'context.device',
      value: 'tv',
      bucket: decision.bucket,
      taken: true,
    },
    { by: 'shadow', name: 'rater@1', salt: 's', unit: 'context.member' },
  ])
})

it('the version that answers is not its own shadow: it is not drawn, and needs no unit', () => {
  const answers = parseRuleSet(
    `objectives: { RATE: { default: rater@3, shadow: [ { model: rater@3, percent: 100, salt: s, unit: context.device } ] } }`,
    'rules.yaml',
  )
  const { decision, draws } = compileRouter(answers, contracts).explain({
    objective: 'RATE',
    context: { member: '7' },
  }) as Explanation
  expect(draws).toEqual([])
  expect(decision).toEqual({
    objective: 'RATE',
    model: 'rater@3',
    shard: expect.any(String),
    reason: 'default',
  })
})

it('tells what became of an override', () => {
  const context = { member: '7' }
  const taken = router.explain({ objective: 'RATE', context, override: 'rater@1' }) as Explanation
  expect(taken).toMatchObject({
    override: { model: 'rater@1', taken: true },
    rules: [],
    decision: { reason: 'override' },
  })
  expect(taken.draws.map(({ by, name }) => [by, name])).toEqual([['shadow', 'rater@3']])
  const passed = router.explain({ objective: 'RATE', context, override: 'rater@9' }) as Explanation
  expect(passed).toMatchObject({ override: { model: 'rater@9', taken: false }, decision: { rule: 'tv' } })
})

it('an objective that decides by row needs inputs, whoever asks', () => {
  const question = { objective: 'BY_ROW', context: {} }
  const needs = { objective: 'BY_ROW', error: 'NEEDS_INPUTS' }
  expect(router.explain(question)).toEqual(needs)
  expect(router.resolve(question)).toEqual(needs)
  const { decision, rules } = router.explain({ ...question, inputs: { year: 1942 } }) as Explanation
  expect(decision).toEqual({
    objective: 'BY_ROW',
    model: 'rater@1',
    shard: 'main',
    reason: 'rule',
    rule: 'old',
  })
  expect(rules[0].clauses).toEqual([{ clause: 'input.year.lt', held: true, wanted: 1960, got: 1942 }])
  expect(() => router.for('BY_ROW').decide({})).toThrow('Bug: BY_ROW decides row by row')
})
