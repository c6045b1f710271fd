import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { type CaseGroup, completeNames, parseCases } from '../../../routing/cases/cases'
import { runCases } from '../../../routing/cases/runCases'

const folder = join(packageRoot, 'tests/specs/routing')

describe.each(readdirSync(folder))('%s', (file) => {
  const groups = parseCases(readFileSync(join(folder, file), 'utf8'), file)
  describe.each(groups.map((group) => [group.says, group] as const))('%s', (_, group) => {
    const results = runCases(group)

    it.each(results.map(({ says, differences }) => [says, differences] as const))(
      '%s',
      (_says, differences) => {
        expect(differences).toEqual([])
      },
    )
  })
})

const group = {
  says: 'two versions',
  objectives: { RATE: { unit: 'context.member', inputs: {} } },
  models: ['rater@1', 'rater@2'],
  ruleSet: {
    objectives: {
      RATE: { rules: [{ name: 'tv', when: { device: 'tv' }, use: 'rater@2' }], default: 'rater@1' },
    },
  },
}

function run(changes: object) {
  return runCases(parseCases(JSON.stringify({ ...group, ...changes }), 'own.json')[0])
}

it('tells what differs: the key, what must be and what came', () => {
  const cases = [
    {
      says: 'a',
      objective: 'RATE',
      context: { device: 'tv' },
      expect: { model: 'rater@1', rule: null, shard: 'main' },
    },
    { says: 'b', objective: 'RATE', context: {}, expect: { rule: 'tv' } },
    { says: 'c', objective: 'RATES', context: {}, expect: { rule: null } },
  ]
  expect(run({ cases })).toEqual([
    { says: 'a', differences: ['model: must be "rater@1", got "rater@2"', 'rule: must be absent, got "tv"'] },
    { says: 'b', differences: ['rule: must be "tv", got nothing'] },
    { says: 'c', differences: ['objective: must be one that has rules, got RATES; did you mean "RATE"?'] },
  ])
})

it('a rule set that is refused fails its cases, with its problems', () => {
  const ruleSet = { objectives: { RATE: { default: 'rater@3' } } }
  const cases = [{ says: 'a', objective: 'RATE', context: {}, expect: { rule: null } }]
  expect(run({ ruleSet, cases })[0].differences).toEqual([
    'refused: objectives.RATE.default: must be a version of the repository (rater@1, rater@2), got rater@3',
  ])
})

it('a rule set that must be refused and is not fails, and one that is refused elsewhere', () => {
  expect(run({ refused: ['objectives.RATE.default'] })[0].differences).toEqual([
    'must be refused at objectives.RATE.default, got no problem',
  ])
  const ruleSet = { objectives: { RATE: { default: 'rater@3' } } }
  expect(run({ ruleSet, refused: ['RATE.canary', 'RATE.default'] })[0].differences).toEqual([
    'must be refused at RATE.canary, got problems at objectives.RATE.default',
  ])
})

it('a long list of groups is read as the JSON that it is', () => {
  const cases = [
    { says: 'a'.repeat(5 * 2 ** 20), objective: 'RATE', context: {}, expect: { model: 'rater@1' } },
  ]
  expect(parseCases(JSON.stringify([{ ...group, cases }]), 'own.json')).toHaveLength(1)
})

it('a file of another shape is refused, and one that has neither cases nor refused', () => {
  const parse = (value: object) => () => parseCases(JSON.stringify(value), 'own.json')
  expect(parse({ says: 'x', refused: ['objectives'] })).toThrow(
    'own.json: ruleSet: must be given, got nothing',
  )
  expect(parse({ ...group, cases: [{ says: 'x', objective: 'RATE', expects: {} }] })).toThrow(LoadError)
  expect(parse(group)).toThrow('own.json: two versions: must have cases or refused, one of them')
  const { models: _, ...unnamed } = group
  expect(parse({ ...unnamed, refused: ['objectives'] })).toThrow(
    'own.json: two versions: models: must be given unless ruleSet is the path of a rule file, got nothing',
  )
})

it.each([
  [{ modle: null }, /expect\.modle: is not one of the keys objective, model, .*; did you mean "model"\?$/],
  [{}, /expect: must have at least one of the keys objective, model, .*, got \{\}$/],
  [{ bucket: '12' }, /expect\.bucket: must be a number, got "12"$/],
  [{ reason: 'rules' }, /expect\.reason: must be override or experiment or .*, got "rules"$/],
])('a case that would expect nothing of a decision is refused: %j', (expect_, message) => {
  const cases = [{ says: 'a', objective: 'RATE', context: {}, expect: expect_ }]
  expect(() => run({ cases })).toThrow(message)
})

it('so are no cases, and a rule set that is to be refused nowhere', () => {
  expect(() => run({ cases: [] })).toThrow('own.json: cases: must not be empty, got []')
  expect(() => run({ refused: [] })).toThrow('own.json: refused: must not be empty, got []')
  expect(() => parseCases('[]', 'own.json')).toThrow('own.json: must not be empty, got []')
})

const byPrice = {
  objectives: {
    RATE: { unit: 'context.member', inputs: { price: { type: 'Float' }, titleId: { type: 'ID' } } },
  },
  ruleSet: {
    objectives: {
      RATE: {
        rules: [{ name: 'dear', when: { 'input.price': { gt: 100 } }, use: 'rater@2' }],
        default: 'rater@1',
      },
    },
  },
}
const priced = (rest: object) => [
  { says: 'a', objective: 'RATE', context: {}, expect: { model: 'rater@1', error: null }, ...rest },
]

it.each([
  [
    { inputs: { prise: 500 } },
    'inputs: must be inputs of RATE (price, titleId), got "prise"; did you mean "price"?',
  ],
  [{}, 'inputs: must be given, since RATE decides by row, got nothing'],
  [{ expect: { rule: null } }, 'inputs: must be given, since RATE decides by row, got nothing'],
])('a case must ask what a request can ask: %j', (rest, difference) => {
  const [{ differences }] = run({ ...byPrice, contextTypes: { age: 'number' }, cases: priced(rest) })
  expect(differences).toEqual([difference])
})

it('inputs may be left out or null, and ids may be numbers', () => {
  for (const inputs of [{}, { price: null }, { price: 5, titleId: 7 }])
    expect(run({ ...byPrice, cases: priced({ inputs }) })[0].differences).toEqual([])
})

it('a case of its own may have values of another type, which are decided: absent in the context, without order as inputs', () => {
  const rules = [
    {
      name: 'mixed',
      when: { 'input.price': { ne: 5, notIn: [5] }, not: { 'input.price': { gt: 0 } } },
      use: 'rater@2',
    },
    { name: 'ageless', when: { age: { exists: false } }, use: 'rater@2' },
  ]
  const ruleSet = { objectives: { RATE: { rules, default: 'rater@1' } } }
  const decided = (inputs: object, context: object, rule: string | null) =>
    run({
      ...{ ...byPrice, ruleSet, contextTypes: { age: 'number' } },
      cases: [{ says: 'a', objective: 'RATE', context, inputs, expect: { rule } }],
    })[0].differences
  expect(decided({ price: '5' }, { age: 1 }, 'mixed')).toEqual([])
  expect(decided({ price: [5] }, { age: 1 }, 'mixed')).toEqual([])
  expect(decided({ price: 5 }, { age: true }, 'ageless')).toEqual([])
  expect(decided({ price: 5 }, { age: 1 }, null)).toEqual([])
})

it('a case of its own must not have numbers that were read as others, or that no input takes', () => {
  const objectives = {
    RATE: {
      ...byPrice.objectives.RATE,
      inputs: { ...byPrice.objectives.RATE.inputs, year: { type: 'Int' } },
    },
  }
  const differences = (context: object, inputs: object) =>
    run({
      ...{ ...byPrice, objectives, contextTypes: { age: 'number' } },
      cases: priced({ context, inputs }),
    })[0].differences
  expect(
    differences({ member: Number.MAX_SAFE_INTEGER, age: 2 ** 53 }, { titleId: 7, price: -(2 ** 60) }),
  ).toEqual([])
  expect(differences({ member: 2 ** 53 }, {})).toEqual([
    'context: member must be written as text if it is a whole number beyond 2^53 - 1, got 9007199254740992',
  ])
  expect(differences({}, { titleId: 2 ** 53 })).toEqual([
    expect.stringMatching(/^inputs: titleId must be .*, got 9007199254740992$/),
  ])
  expect(differences({}, { year: -(2 ** 53) })).toEqual([
    expect.stringMatching(/^inputs: year must be a whole number .*, got -9007199254740992$/),
  ])
  expect(differences({}, { price: 1e39 })).toEqual([
    'inputs: price must be a number within float32, got 1e+39',
  ])
})

it('a case of a shard that no request gets is no case', () => {
  const [own] = parseCases(
    JSON.stringify({
      says: 'own',
      objectives: { RATE: { inputs: {} } },
      models: ['rater@1'],
      ruleSet: { objectives: { RATE: { default: 'rater@1' } }, placement: { rater: ['main', 'text'] } },
      cases: [{ says: 'all', objective: 'RATE', context: {}, expect: { model: 'rater@1' } }],
    }),
    'own.json',
  )
  const differences = (shard: string, known = own.known) =>
    runCases({ ...own, known, cases: [{ ...own.cases[0], shard }] })[0].differences
  expect(differences('text')).toEqual([])
  expect(differences('far')).toEqual(['shard: rater@1 is on main, text, got "far"'])
  const deployment = { ...own.known, shards: new Set(['main', 'text', 'far']) }
  expect(differences('far', deployment)).toEqual(['shard: rater@1 is on main, text, got "far"'])
  expect(differences('frr', deployment)).toEqual([
    'shard: must be one of this deployment (main, text, far), got frr; did you mean "far"?',
  ])
})

it('context keys and types of values must be those of the deployment, if it is the deployment that the cases are run for', () => {
  const [own] = parseCases(
    JSON.stringify({ says: 'own', ...byPrice, ruleSet: 'rules.yaml', cases: priced({}) }),
    'own.json',
  )
  expect(own.leavesOut).toEqual(['models'])
  const deployment = {
    ...own.known,
    contextTypes: new Map([['age', 'number' as const]]),
    models: new Set(['rater@1', 'rater@2']),
    contextKeys: new Set(['member', 'age']),
  }
  const group = { ...completeNames(own, deployment), ruleSet: byPrice.ruleSet }
  const differences = (context: object, inputs: object = { price: 5 }) =>
    runCases({ ...group, cases: priced({ context, inputs }) as CaseGroup['cases'] })[0].differences
  expect(differences({ member: 'x' })).toEqual([])
  expect(differences({ membr: 'x' })).toEqual([
    'context: must have keys of the configuration, got membr; did you mean "member"?',
  ])
  expect(differences({ age: true })).toEqual(['context: age must be a number, got true'])
  expect(differences({ member: {} })).toEqual(['context: member must be text, got {}'])
  expect(differences({ member: Number.MAX_SAFE_INTEGER })).toEqual([])
  expect(differences({ member: -(2 ** 53) })).toEqual([
    'context: member must be written as text if it is a whole number beyond 2^53 - 1, got -9007199254740992',
  ])
  expect(differences({ age: 2 ** 53 })).toEqual([])
  expect(differences({}, { price: '500' })).toEqual([
    'inputs: price must be a number within float32, got "500"',
  ])
})
