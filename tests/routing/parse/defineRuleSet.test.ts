import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../../../lib/packagePaths'
import { defineRuleSet, ruleSetsOf } from '../../../routing/parse/defineRuleSet'
import { ruleSetJsonSchema } from '../../../routing/parse/jsonSchema'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import { canonicalJson } from '../../../routing/ruleSet/canonicalJson'

const source = {
  objectives: { RATE: { default: 'rater@1', rules: [{ name: 'a', use: { experiment: 'half' } }] } },
  experiments: { half: { salt: 'half', cells: [{ name: 'all', percent: 100, use: 'rater@2' }] } },
  placement: { '*': 'main' },
} as const

it('gives what the same text in YAML gives: frozen, with placement as lists', () => {
  const defined = defineRuleSet(source)
  const parsed = parseRuleSet(JSON.stringify(source), 'rules.json')
  expect(defined).toEqual(parsed)
  expect(defined.placement).toEqual({ '*': ['main'] })
  expect(Object.isFrozen(defined.experiments['half'].cells[0])).toBe(true)
  expect(Object.isFrozen(source.objectives.RATE)).toBe(false)
  expect(canonicalJson(parseRuleSet(canonicalJson(defined), 'rules.json'))).toBe(canonicalJson(defined))
})

it('refuses what has another shape', () => {
  expect(() => defineRuleSet({ objectives: { RATE: { default: 'rater' } } })).toThrow(
    'defineRuleSet: objectives.RATE.default: must be a version of a model, written name@version, got "rater"',
  )
})

it.each([
  [() => 'rater@1', 'function'],
  [Symbol('rater@1'), 'symbol'],
  [12n, '12'],
  [/^DE/, '{}'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
])('refuses what JSON cannot hold, which would hold always or fail when it is copied: %p', (value, got) => {
  const rules = [{ name: 'a', when: { country: value as never }, use: 'rater@2' }]
  expect(() => defineRuleSet({ objectives: { RATE: { default: 'rater@1', rules } } })).toThrow(
    `defineRuleSet: objectives.RATE.rules.0.when.country: must be a value of JSON, got ${got}`,
  )
})

it.each(['all', 'any'])('refuses %s that is undefined, which would hold always once it is stored', (key) => {
  const rules = [{ name: 'a', when: { [key]: undefined }, use: 'rater@2' }]
  expect(() => defineRuleSet({ objectives: { RATE: { default: 'rater@1', rules } } })).toThrow(
    `defineRuleSet: objectives.RATE.rules.0.when.${key}: must be a list of conditions, got nothing`,
  )
})

it('refuses an item of a list that is undefined, which JSON cannot hold', () => {
  const fallback = ['rater@2', undefined as never]
  expect(() => defineRuleSet({ objectives: { RATE: { default: 'rater@1', fallback } } })).toThrow(
    'defineRuleSet: objectives.RATE.fallback.1: must be a value of JSON, got nothing',
  )
})

it('knows the names that exist, for whoever writes and for the compiler', () => {
  const define = ruleSetsOf<{ objective: 'RATE'; model: 'rater@1' | 'rater@2' }>()
  expect(define(source).objectives['RATE'].default).toBe('rater@1')
  const wrong = () => {
    // @ts-expect-error no such objective
    define({ objectives: { RATES: { default: 'rater@1' } } })
    // @ts-expect-error no such version
    define({ objectives: { RATE: { default: 'rater@3' } } })
    const draw = { percent: 1, salt: 's' }
    // @ts-expect-error no such version in a canary
    define({ objectives: { RATE: { default: 'rater@1', canary: { of: 'rater@1', to: 'b@1', ...draw } } } })
    // @ts-expect-error no such experiment
    define({ ...source, objectives: { RATE: { default: { experiment: 'halves' } } } })
  }
  expect(wrong).toThrow()
})

describe('the JSON Schema', () => {
  const schema = z.fromJSONSchema(ruleSetJsonSchema() as Parameters<typeof z.fromJSONSchema>[0])
  const folder = join(packageRoot, 'tests/specs/routing')
  const groups = readdirSync(folder).flatMap((file) =>
    [JSON.parse(readFileSync(join(folder, file), 'utf8'))].flat(),
  )

  it('takes every rule set of the cases that is taken', () => {
    const taken = groups.filter(({ refused }) => refused === undefined)
    expect(taken.length).toBeGreaterThan(20)
    for (const { ruleSet } of taken) expect(schema.safeParse(ruleSet).error).toBeUndefined()
  })

  it('refuses those whose shape is wrong, and leaves names, sums and semver to the check', () => {
    const isShape = ({ ruleSet }: { ruleSet: unknown }) => {
      try {
        parseRuleSet(JSON.stringify(ruleSet), 'rules.json')
        return false
      } catch {
        return true
      }
    }
    const wrong = groups.filter((group) => group.refused !== undefined && isShape(group))
    const passed = wrong.filter(({ ruleSet }) => schema.safeParse(ruleSet).success).map(({ says }) => says)
    expect(wrong.length).toBeGreaterThan(80)
    const unsaid =
      /__proto__|add up|unknown experiment|inherited name as an experiment|one name|semver|five decimals|to itself|nothing is counted|longer than a timer/
    expect(passed.filter((says) => !unsaid.test(says))).toEqual([])
  })
})
