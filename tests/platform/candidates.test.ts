import { candidatesOf } from '../../platform/candidates'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { ModelRegistry } from '../../serving/repository/modelRegistry'

/** The shares of each version that rules name for the objective `O`. */
function shares(rules: string): Record<string, Record<string, number | null>> {
  const candidates = candidatesOf(parseRuleSet(rules, 'rules.yaml'), 'O', new ModelRegistry())
  for (const { by, shares } of candidates) expect(by).toEqual(shares.map((share) => share.by))
  return Object.fromEntries(
    candidates.map(({ model, shares }) => [
      model,
      Object.fromEntries(shares.map(({ by, percent }) => [by, percent])),
    ]),
  )
}

it('a canary takes its share of the version that it is a canary of, wherever that answers', () => {
  const rules = `objectives: { O: {
    rules: [{ name: first, use: a@1 }, { name: second, use: b@1 }],
    default: a@1, canary: { of: a@1, to: a@2, percent: 5, salt: s } } }`
  expect(shares(rules)).toEqual({
    'a@1': { 'rule first': 95, default: 95 },
    'b@1': { 'rule second': 100 },
    'a@2': { 'canary of a@1, 5 %': 5 },
  })
})

it('what a canary leaves has four decimals at most, as percentages have', () => {
  const rules = 'objectives: { O: { default: a@1, canary: { of: a@1, to: a@2, percent: 33.3333, salt: s } } }'
  expect(shares(rules)['a@1']).toEqual({ default: 66.6667 })
})

it('cells, shadows and fallbacks', () => {
  const rules = `
experiments: { e: { salt: s, cells: [
  { name: old, percent: 70, use: a@1 }, { name: new, percent: 30, use: a@2 }] } }
objectives: { O: { default: { experiment: e }, canary: { of: a@1, to: a@3, percent: 5, salt: s },
  shadow: [{ model: a@2, percent: 12.5, salt: s }], fallback: [a@1, { constant: { x: 1 } }] } }`
  expect(shares(rules)).toEqual({
    // Who is in a cell is in no canary.
    'a@1': { 'default, 70 % in cell old of e': 70, fallback: null },
    'a@2': { 'default, 30 % in cell new of e': 30, 'shadow, 12.5 %': 12.5 },
    'a@3': { 'canary of a@1, 5 %': 5 },
  })
})

it('no rules, no candidates', () => {
  expect(shares('objectives: { P: { default: a@1 } }')).toEqual({})
})
