import { diffRules } from '../../../cli/ruleCommands/diffRules'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'

const diff = (before: string, after: string) =>
  diffRules(parseRuleSet(before, 'before'), parseRuleSet(after, 'after'), (name) =>
    name === 'RATE' ? 'context.member' : 'context.device',
  )

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

it('a unit that is written out makes a new draw only where it is not that of the objective', () => {
  const canary = (unit: string) =>
    objective(`canary: { of: rater@3, to: rater@4, percent: 5, salt: c${unit} }`)
  expect(diff(canary(''), canary(', unit: context.member'))).toEqual([
    'RATE: canary unit none → context.member',
  ])
  expect(diff(canary(', unit: context.member'), canary(''))).toEqual([
    'RATE: canary unit context.member → none',
  ])
  expect(diff(canary(''), canary(', unit: context.device'))).toEqual([
    'RATE: canary unit none → context.device; all units get a new draw',
  ])
  const experiment = (unit: string, others = '') => `
objectives: { RATE: { default: { experiment: half } }, ${others} }
experiments: { half: { salt: h${unit}, cells: [{ name: a, percent: 100, use: rater@1 }] } }`
  expect(diff(experiment(''), experiment(', unit: context.member'))).toEqual([
    'experiment half: unit none → context.member',
  ])
  const shared = 'SHOW: { default: { experiment: half } }'
  expect(diff(experiment('', shared), experiment(', unit: context.member', shared))).toEqual([
    'experiment half: unit none → context.member; all units get a new draw',
  ])
})

it('the order of cells and shadows, and the place of a new one', () => {
  const cells = (...all: readonly string[]) => `
objectives: { RATE: { default: { experiment: parts } } }
experiments: { parts: { salt: s, cells: [${all.join(', ')}] } }`
  const cell = (name: string, percent: number) => `{ name: "${name}", percent: ${percent}, use: rater@1 }`
  expect(diff(cells(cell('2', 50), cell('1', 50)), cells(cell('1', 50), cell('2', 50)))).toEqual([
    'experiment parts: order of cells 2, 1 → 1, 2; units move between the cells',
  ])
  expect(diff(cells(cell('b', 100)), cells(cell('a', 10), cell('b', 90)))).toEqual([
    'experiment parts: cell b 100 % → 90 %',
    'experiment parts: cell a added in place 1, 10 % → rater@1',
  ])
  const shadow = (version: number) => `{ model: rater@${version}, percent: 5, salt: s${version} }`
  expect(
    diff(
      objective(`shadow: [${shadow(1)}, ${shadow(2)}]`),
      objective(`shadow: [${shadow(4)}, ${shadow(2)}, ${shadow(1)}]`),
    ),
  ).toEqual([
    'RATE: shadow rater@4 at 5 % added in place 1',
    'RATE: order of shadows rater@1, rater@2 → rater@2, rater@1',
  ])
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
