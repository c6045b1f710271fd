import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { KnownNames } from '../../../routing/ruleSet/knownNames'

/** `RATE` has a unit, `RISK` has none, `OLD` one that is not declared. */
const known: KnownNames = {
  objectives: new Map([
    ['RATE', { unit: 'context.member', inputs: [] }],
    ['RISK', { inputs: [{ name: 'card', type: { kind: 'ID' }, nullable: true, onNull: 'missing' }] }],
    ['OLD', { unit: 'context.visitor', inputs: [] }],
  ]),
  models: new Set(['m@1', 'm@2', 'm@3']),
  serves: new Map(),
  asked: new Map(),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map(),
  contextKeys: new Set(['device', 'member', 'country']),
  freeKeys: new Set(['device']),
}

function warnings(rules: string, names: Partial<KnownNames> = {}): readonly string[] {
  const lines: string[] = []
  parseRuleSet(rules, 'rules.yaml', { ...known, ...names }, (line) => lines.push(line))
  return lines.map((line) => line.replace(/^rules.yaml(:\d+)?: /, ''))
}

const noUnit = 'neither it nor RISK has a unit; write unit: context.member'

it('warns of a canary, a shadow and an experiment without a unit to draw by', () => {
  const text = `
objectives:
  RISK:
    rules: [ { name: test, when: { country: DE }, use: { experiment: half } } ]
    default: m@1
    canary: { of: m@1, to: m@2, percent: 5, salt: c }
    shadow: [ { model: m@3, percent: 100, salt: s }, { model: m@2, percent: 100, salt: t, unit: input.card } ]
experiments: { half: { salt: h, cells: [ { name: a, percent: 50, use: m@1 }, { name: b, percent: 50, use: m@2 } ] } }
`
  expect(warnings(text)).toEqual([
    `objectives.RISK.rules.0.use: uses an experiment that draws nobody: ${noUnit}`,
    `objectives.RISK.canary: draws nobody: ${noUnit}`,
    `objectives.RISK.shadow.0: draws nobody: ${noUnit}`,
  ])
})

it('names an id among the inputs as a unit where no declared key can be one, else what to declare', () => {
  const text = 'objectives: { RISK: { default: m@1, shadow: [ { model: m@2, percent: 1, salt: s } ] } }'
  expect(warnings(text, { contextKeys: new Set(['device']) })).toEqual([
    'objectives.RISK.shadow.0: draws nobody: neither it nor RISK has a unit; write unit: input.card',
  ])
  const bare = { objectives: new Map([['RISK', { inputs: [] }]]), contextKeys: new Set(['device']) }
  const declare = 'write unit: context.KEY, and declare KEY in presage.yaml with from: edge or from: token'
  expect(warnings(text, bare)).toEqual([
    `objectives.RISK.shadow.0: draws nobody: neither it nor RISK has a unit; ${declare}, not from: client as device`,
  ])
  expect(warnings(text, { ...bare, contextKeys: new Set(), freeKeys: new Set() })).toEqual([
    `objectives.RISK.shadow.0: draws nobody: neither it nor RISK has a unit; ${declare}`,
  ])
})

it("warns of an objective's unit that no request can have", () => {
  const text =
    'objectives: { OLD: { default: m@1, canary: { of: m@1, to: m@2, percent: 5, salt: c } }, RATE: { default: m@1 } }'
  expect(warnings(text)).toEqual([
    'objectives.OLD.canary: draws nobody: the unit of OLD, context.visitor, is not a declared context key; write unit: context.member',
  ])
  const { contextKeys: _, ...anyKey } = known
  expect(warnings(text, { ...anyKey, contextKeys: undefined })).toEqual([])
})

describe('a canary that nobody comes to', () => {
  const canary = 'canary: { of: m@2, to: m@3, percent: 5, salt: c }'
  const nothing =
    'objectives.RATE.canary.of: is not used by any matching rule or the default of RATE, so the canary never applies'
  const always = '{ name: all, use: m@1 }'

  it.each([
    ['is of a version that nothing names', `default: m@1, ${canary}`],
    [
      'is of one that only a rule behind one that always matches names',
      `rules: [ ${always}, { name: late, when: { country: DE }, use: m@2 } ], default: m@1, ${canary}`,
    ],
    ['is of a default that is never reached', `rules: [ ${always} ], default: m@2, ${canary}`],
  ])('%s', (_, rules) => {
    expect(warnings(`objectives: { RATE: { ${rules} } }`)).toContain(nothing)
  })

  it('is of the arm of an experiment', () => {
    const text = `
objectives: { RATE: { default: { experiment: one }, ${canary} } }
experiments: { one: { salt: o, cells: [ { name: a, percent: 100, use: m@2 } ] } }`
    expect(warnings(text)).toEqual([
      'objectives.RATE.canary.of: is only in cells of an experiment, which a canary never changes',
    ])
  })

  it.each([
    `default: m@2, ${canary}`,
    `rules: [ { name: de, when: { country: DE }, use: m@2 } ], default: m@1, ${canary}`,
  ])('is none of these: %s', (rules) => {
    expect(warnings(`objectives: { RATE: { ${rules} } }`)).toEqual([])
  })

  it.each([
    '{ name: test, use: { experiment: one } }',
    `{ name: test, when: { device: tv }, use: { experiment: one } }, ${always}`,
  ])('nor one of the default behind an experiment, which answers those without a unit: %s', (rules) => {
    const text = `
objectives: { RATE: { rules: [ ${rules} ], default: m@2, canary: { of: m@2, to: m@3, percent: 5, salt: c, unit: context.country } } }
experiments: { one: { salt: o, cells: [ { name: a, percent: 100, use: m@1 } ] } }`
    expect(warnings(text)).toEqual([])
  })
})

it('warns of an experiment that no rule or default leads to', () => {
  const one = 'experiments: { one: { salt: o, cells: [ { name: a, percent: 100, use: m@1 } ] } }'
  const idle = ['experiments.one: is not used by any matching rule or default']
  expect(warnings(`objectives: { RATE: { default: m@1 } }\n${one}`)).toEqual(idle)
  const late = '{ name: late, when: { country: DE }, use: { experiment: one } }'
  expect(
    warnings(`objectives: { RATE: { rules: [ { name: all, use: m@2 }, ${late} ], default: m@1 } }\n${one}`),
  ).toContain(idle[0])
  expect(warnings(`objectives: { RATE: { rules: [ ${late} ], default: m@1 } }\n${one}`)).toEqual([])
})

it('warns of percentages of 0', () => {
  const text = `
objectives:
  RATE:
    default: { experiment: one }
    shadow: [ { model: m@2, percent: 0, salt: s } ]
  RISK: { default: m@1, canary: { of: m@1, to: m@2, percent: 0, salt: c, unit: context.member } }
experiments: { one: { salt: o, cells: [ { name: a, percent: 100, use: m@1 }, { name: b, percent: 0, use: m@3 } ] } }`
  expect(warnings(text)).toEqual([
    'experiments.one.cells.1.percent: is 0, so nobody is drawn',
    'objectives.RATE.shadow.0.percent: is 0, so nobody is drawn',
    'objectives.RISK.canary.percent: is 0, so nobody is drawn',
  ])
})

describe('a shadow of the only version that answers', () => {
  const only =
    'objectives.RATE.shadow.0.model: is the only version that answers RATE, so there is nothing to shadow'
  const shadow = 'shadow: [ { model: m@1, percent: 100, salt: s } ]'

  it.each([
    ['as default', `RATE: { default: m@1, ${shadow} }`],
    [
      'beside a canary at 0 percent',
      `RATE: { default: m@1, canary: { of: m@1, to: m@2, percent: 0, salt: c }, ${shadow} }`,
    ],
    [
      'beside a default that is never reached',
      `RATE: { rules: [ { name: all, use: m@1 } ], default: m@2, ${shadow} }`,
    ],
  ])('%s', (_, rules) => {
    expect(warnings(`objectives: { ${rules} }`)).toContain(only)
  })

  it.each([
    `RATE: { default: m@2, ${shadow} }`,
    `RATE: { rules: [ { name: de, when: { country: DE }, use: m@2 } ], default: m@1, ${shadow} }`,
    `RATE: { default: m@1, canary: { of: m@1, to: m@2, percent: 5, salt: c }, ${shadow} }`,
  ])('is fine where another may answer: %s', (rules) => {
    expect(warnings(`objectives: { ${rules} }`)).toEqual([])
  })
})

describe('fallbacks that never answer', () => {
  const last = '{ constant: { score: 0.5 } }'

  it('are those after a constant, and those asked before', () => {
    expect(
      warnings(`objectives: { RATE: { default: m@1, fallback: [m@2, m@2, m@3, ${last}, m@3, ${last}] } }`),
    ).toEqual([
      'objectives.RATE.fallback.1: never answers, since it is asked before',
      'objectives.RATE.fallback.4: never answers, since the constant before it always does',
      'objectives.RATE.fallback.5: never answers, since the constant before it always does',
    ])
  })

  it('are not the version that answers anyway, which may stand there for a canary to come', () => {
    expect(warnings(`objectives: { RATE: { default: m@1, fallback: [m@1, ${last}] } }`)).toEqual([])
  })
})
