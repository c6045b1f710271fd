import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { KnownNames } from '../../../routing/ruleSet/knownNames'

const known: KnownNames = {
  objectives: new Map([
    [
      'RATE',
      {
        inputs: [
          { name: 'year', type: { kind: 'Int' }, nullable: true, onNull: 'missing' },
          {
            name: 'kind',
            type: { kind: 'enum', labels: ['FILM', 'SERIES'] },
            nullable: true,
            onNull: 'missing',
          },
          { name: 'tags', type: { kind: 'list', of: { kind: 'String' } }, nullable: true, onNull: 'missing' },
        ],
      },
    ],
  ]),
  models: new Set(['rater@1', 'rater@2']),
  serves: new Map(),
  asked: new Map(),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map([
    ['age', 'number'],
    ['beta', 'boolean'],
  ]),
  freeKeys: new Set(),
}

function warnings(rules: string, more: Partial<KnownNames> = {}): readonly string[] {
  const lines: string[] = []
  const text = `objectives: { RATE: { default: rater@1, rules: [ ${rules} ] } }`
  parseRuleSet(text, 'rules.yaml', { ...known, ...more }, (line) => lines.push(line))
  return lines.map((line) => line.replace(/^rules\.yaml(:\d+)?: objectives\.RATE\./, ''))
}

const when = (condition: string) => `{ name: a, when: ${condition}, use: rater@2 }`

it.each([
  ['{ age: 9007199254740993 }', 'age'],
  ['{ age: { ne: 9007199254740993 } }', 'age.ne'],
  ['{ age: { in: [1, 9007199254740993] } }', 'age.in.1'],
])('when: %s stands for other numbers too', (condition, path) => {
  expect(warnings(when(condition))).toEqual([
    `rules.0.when.${path}: is beyond 2^53 - 1, where several numbers are read as 9007199254740992; write an id as text, and declare its key as a string`,
  ])
})

it.each([
  ['{ age: "18" }', 'no number that context.age may be satisfies it'],
  ['{ level: 3 }', 'no string that context.level may be satisfies it'],
  ['{ beta: "true" }', 'no boolean that context.beta may be satisfies it'],
  ['{ country: { in: [] } }', 'no string that context.country may be satisfies it'],
  ['{ country: { eq: DE, ne: DE } }', 'no string that context.country may be satisfies it'],
  [
    '{ country: { in: [DE, AT] }, context.country: { prefix: C } }',
    'no string that context.country may be satisfies it',
  ],
  ['{ all: [ { country: DE }, { country: AT } ] }', 'no string that context.country may be satisfies it'],
  ['{ country: { exists: false, ne: DE } }', 'context.country cannot be absent and satisfy another operator'],
  ['{ age: { lt: 18, gte: 18 } }', 'no number is within the bounds of context.age'],
  ['{ name: { gt: b, lt: a } }', 'no string is within the bounds of context.name'],
  ['{ age: { semver: "*" } }', 'context.age is a number, and semver asks for a string ("*")'],
  ['{ country: { lt: 5 } }', 'context.country is a string, and lt asks for a number (5)'],
  ['{ input.kind: BOOK }', 'no string that input.kind may be satisfies it'],
  ['{ input.kind: { prefix: X } }', 'no string that input.kind may be satisfies it'],
  ['{ input.year: "1999" }', 'no number that input.year may be satisfies it'],
  ['{ input.tags: drama }', 'no object that input.tags may be satisfies it'],
  ['{ any: [] }', 'any: [] does not'],
  ['{ any: [ { age: x }, { any: [] } ] }', 'none of any can: no number that context.age may be satisfies it'],
  ['{ not: {} }', 'what it negates always holds'],
  ['{ not: { all: [] } }', 'what it negates always holds'],
])('when: %s can never hold', (condition, reason) => {
  expect(warnings(when(condition))).toEqual([`rules.0.when: can never hold: ${reason}`])
})

it.each(
  [
    '{ age: 18 }',
    '{ beta: true }',
    '{ country: { exists: false } }',
    '{ country: { exists: false, ne: DE }, any: [ {} ] }',
    '{ age: { lte: 18, gte: 18 } }',
    '{ age: { gt: 9007199254740993 } }',
    '{ any: [ { any: [] }, { country: DE } ] }',
    '{ not: { any: [] } }',
    '{ input.tags: { exists: true } }',
    '{ input.kind: { in: [BOOK, FILM] } }',
    '{ country: {} }',
  ].filter((condition) => !condition.includes('exists: false, ne')),
)('when: %s may hold', (condition) => {
  expect(warnings(when(condition))).toEqual([])
})

it('warns of rules behind one that matches whenever they would', () => {
  expect(
    warnings(`
      { name: a, when: { country: DE, surface: kids }, use: rater@2 },
      { name: b, when: { country: DE }, use: rater@2 },
      { name: c, when: { context.country: { eq: DE }, device: tv }, use: rater@2 },
      { name: d, when: { any: [ { a: "1" }, { b: "1" } ] }, use: rater@2 },
      { name: e, when: { any: [ { a: "1" }, { b: "1" } ], device: tv }, use: rater@2 },
      { name: f, when: { country: AT }, use: rater@2 },
      { name: g, use: rater@2 },
      { name: h, when: { country: CH }, use: rater@2 }`),
  ).toEqual([
    'rules.2: can never match: whenever it would, b does before it',
    'rules.4: can never match: whenever it would, d does before it',
    'rules.7: can never match: whenever it would, g does before it',
  ])
})

it('refuses context keys that are not declared, where it is known which are', () => {
  const names = { contextKeys: new Set(['country', 'age']) }
  const refusal = (condition: string) => () => warnings(when(condition), names)
  const path = 'rules.yaml: objectives.RATE.rules.0.when'
  expect(refusal('{ any: [ { contry: DE }, { country: DE } ] }')).toThrow(
    `${path}.any.0.contry: is not a declared context key; did you mean "country"?`,
  )
  expect(refusal('{ context.subscription: plus }')).toThrow(
    `${path}.context.subscription: is not a declared context key; known: country, age`,
  )
  expect(refusal('{ year: 1999 }')).toThrow(
    `${path}.year: is not a declared context key; did you mean "input.year"?`,
  )
  expect(warnings(when('{ contry: DE }'))).toEqual([])
})

it('refuses units that are not declared', () => {
  const text =
    'objectives: { RATE: { default: rater@1, canary: { of: rater@1, to: rater@2, percent: 1, salt: c, unit: context.membr } } }'
  const names = { ...known, contextKeys: new Set(['member']) }
  expect(() => parseRuleSet(text, 'rules.yaml', names)).toThrow(
    'rules.yaml: objectives.RATE.canary.unit: must be a declared context key, got context.membr; did you mean "member"?',
  )
})

it('refuses units that any client may set', () => {
  const text = `
objectives: { RATE: { default: { experiment: x }, canary: { of: rater@1, to: rater@2, percent: 1, salt: c, unit: context.device } } }
experiments: { x: { salt: x, unit: context.device, cells: [ { name: a, percent: 100, use: rater@1 } ] } }
`
  const free = { ...known, freeKeys: new Set(['device']) }
  const reason = 'must come from token or edge, got context.device, which is declared with from: client'
  expect(() => parseRuleSet(text, 'rules.yaml', free)).toThrow(
    `rules.yaml:2: objectives.RATE.canary.unit: ${reason}\nrules.yaml:3: experiments.x.unit: ${reason}`,
  )
})

it('refuses a placement that takes a pinned version away from where a field asks for it', () => {
  const pins = [
    { field: 'Title.rating', model: 'rater@2', shard: 'text' },
    { field: 'Title.other', model: 'rater', shard: 'main' },
  ]
  const read = (placement: string) => () =>
    parseRuleSet(`objectives: { RATE: { default: rater@1 } }\nplacement: ${placement}`, 'rules.yaml', {
      ...known,
      pins,
    })
  expect(read('{ "*": [main, text] }')).not.toThrow()
  expect(read('{ rater@2: text }')).toThrow(
    'rules.yaml:2: placement.rater@2: must put rater@2 on main, where Title.other asks for it, got text',
  )
  expect(read('{}')).toThrow(
    'rules.yaml:2: placement: must put rater@2 on text, where Title.rating asks for it, got main',
  )
})

describe('limits per tenant', () => {
  const limits = (per: string, contextKeys?: readonly string[]) => {
    const lines: string[] = []
    const text = `objectives: { RATE: { default: rater@1, limits: { perSecond: 5, per: ${per} } } }`
    const names = { ...known, ...(contextKeys && { contextKeys: new Set(contextKeys) }) }
    parseRuleSet(text, 'rules.yaml', names, (line) => lines.push(line))
    return lines
  }

  it('are of clients where no request has a tenant', () => {
    expect(limits('tenant', ['member'])).toEqual([
      'rules.yaml: objectives.RATE.limits.per: no context key tenant is declared, so each client is counted separately',
    ])
  })

  it('are as they should be where one may have one, where keys are not known, and of others', () => {
    expect(limits('tenant', ['tenant'])).toEqual([])
    expect(limits('tenant')).toEqual([])
    expect(limits('client', ['member'])).toEqual([])
  })
})

it('a version that does not fit the contract predicts nothing', () => {
  const unfit = new Map([['rater@2', 'serves RATE: output stars: must be provided for RATE, got rating']])
  expect(warnings('{ name: a, when: { country: DE }, use: rater@2 }', { unfit })).toEqual([
    'rules.0.use: rater@2 is not fit to serve, so it predicts nothing: serves RATE: output stars: must be provided for RATE, got rating',
  ])
})
