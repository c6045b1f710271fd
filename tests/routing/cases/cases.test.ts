import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { parseCases } from '../../../routing/cases/cases'
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
    { says: 'c', objective: 'RATES', context: {}, expect: {} },
  ]
  expect(run({ cases })).toEqual([
    { says: 'a', differences: ['model: must be "rater@1", got "rater@2"', 'rule: must be absent, got "tv"'] },
    { says: 'b', differences: ['rule: must be "tv", got nothing'] },
    { says: 'c', differences: ['objective: must be one that has rules, got RATES'] },
  ])
})

it('a rule set that is refused fails its cases, with its problems', () => {
  const ruleSet = { objectives: { RATE: { default: 'rater@3' } } }
  expect(run({ ruleSet, cases: [] })[0].differences).toEqual([
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

it('a file of another shape is refused, and one that has neither cases nor refused', () => {
  const parse = (value: object) => () => parseCases(JSON.stringify(value), 'own.json')
  expect(parse({ ...group, cases: [{ says: 'x', objective: 'RATE', expects: {} }] })).toThrow(LoadError)
  expect(parse(group)).toThrow('own.json: two versions: must have cases or refused, one of them')
  const { models: _, ...unnamed } = group
  expect(parse({ ...unnamed, cases: [] })).toThrow(
    'own.json: two versions: models: must be given unless ruleSet is the path of a rule file, got nothing',
  )
})
