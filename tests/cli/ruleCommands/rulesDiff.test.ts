import { diffRules } from '../../../cli/ruleCommands/diffRules'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'

const diff = (before: string, after: string) =>
  diffRules(parseRuleSet(before, 'before'), parseRuleSet(after, 'after'))

const objective = (rest: string) => `objectives: { RATE: { default: rater@3, ${rest} } }`

it('two that say the same differ in nothing, however they are written', () => {
  const yaml = 'objectives: { RATE: { default: rater@3 } }\nplacement: { "*": main }'
  const json = '{"placement":{"*":["main"]},"experiments":{},"objectives":{"RATE":{"default":"rater@3"}}}'
  expect(diff(yaml, json)).toEqual([])
})

it('a canary that is raised is one line', () => {
  const canary = (percent: number) =>
    objective(`canary: { of: rater@3, to: rater@4, percent: ${percent}, salt: c }`)
  expect(diff(canary(5), canary(20))).toEqual(['RATE: canary 5 % → 20 %'])
  expect(diff(canary(5), objective(''))).toEqual(['RATE: canary of rater@3 to rater@4 at 5 % removed'])
  expect(diff(objective(''), canary(5))).toEqual(['RATE: canary of rater@3 to rater@4 at 5 % added'])
})

it('another salt says that units get a new draw', () => {
  const canary = (salt: string) =>
    objective(`canary: { of: rater@3, to: rater@4, percent: 5, salt: ${salt} }`)
  expect(diff(canary('c4'), canary('c5'))).toEqual(['RATE: canary salt c4 → c5; all units get a new draw'])
})

it('rules are told apart by their names: what came, went, changed and changed places', () => {
  const a = '{ name: a, when: { country: DE }, use: rater@1 }'
  const b = '{ name: b, use: rater@2 }'
  const c = '{ name: c, use: rater@2 }'
  expect(
    diff(
      objective(`rules: [${a}, ${b}, ${c}]`),
      objective(
        'rules: [{ name: d, when: { device: tv }, use: rater@4 }, { name: b, use: rater@1 }, { name: a, when: { country: AT }, use: rater@1 }]',
      ),
    ),
  ).toEqual([
    'RATE: rule a: when {"country":"DE"} → {"country":"AT"}',
    'RATE: rule b: use rater@2 → rater@1',
    'RATE: rule c removed, was → rater@2',
    'RATE: rule d added in place 1, when {"device":"tv"} → rater@4',
    'RATE: order of rules a, b → b, a',
  ])
})

it('a condition that is written in another order is the same', () => {
  const rule = (when: string) => objective(`rules: [{ name: a, when: ${when}, use: rater@1 }]`)
  expect(diff(rule('{ country: DE, device: tv }'), rule('{ device: tv, country: DE }'))).toEqual([])
})

it('objectives, defaults, shadows, fallbacks, limits, cells, placement and the message', () => {
  expect(
    diff(
      `message: one
objectives:
  OLD: { default: old@1 }
  RATE:
    default: rater@3
    shadow: [{ model: rater@4, percent: 10, salt: s }]
    fallback: [rater@1]
    limits: { perSecond: 100, deadline: 50ms }
experiments: { half: { salt: h, cells: [{ name: a, percent: 50, use: rater@1 }, { name: b, percent: 50, use: rater@2 }] } }
placement: { "*": main }
`,
      `message: two
objectives:
  NEW: { default: new@1 }
  RATE:
    default: { experiment: half }
    shadow: [{ model: rater@4, percent: 25, salt: s }]
    fallback: [rater@1, { constant: { rating: 3.5 } }]
    limits: { perSecond: 200, concurrency: 4 }
experiments: { half: { salt: h, cells: [{ name: a, percent: 40, use: rater@1 }, { name: b, percent: 60, use: rater@3 }] } }
placement: { "*": [main, large], rater: large }
`,
    ),
  ).toEqual([
    'OLD: removed',
    'RATE: default rater@3 → experiment half',
    'RATE: shadow rater@4 10 % → 25 %',
    'RATE: fallback rater@1 → rater@1, {"rating":3.5}',
    'RATE: limits.perSecond 100 → 200',
    'RATE: limits.deadline 50ms → none',
    'RATE: limits.concurrency none → 4',
    'NEW: added, default new@1',
    'experiment half: cell a 50 % → 40 %',
    'experiment half: cell b 50 % → 60 %',
    'experiment half: cell b: use rater@2 → rater@3',
    'placement of * main → main, large',
    'placement of rater: added, large',
    'message one → two',
  ])
})
