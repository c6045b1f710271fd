import fc from 'fast-check'
import { LoadError } from '../../../lib/errors'
import { compileRouter } from '../../../routing/compile/compileRouter'
import { checkRules } from '../../../routing/parse/checkRules'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import { anyText, anyValue, changedTree, editedText } from '../../fuzz/arbitraries'
import { requireProblems } from '../../fuzz/requireProblems'
import { seeded } from '../../support/seeded'
import { contract, models, RandomRules } from '../randomRules'

const known = {
  objectives: new Map([['O', contract]]),
  models: new Set(models),
  serves: new Map(),
  asked: new Map<string, string>(),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map(),
  freeKeys: new Set<string>(),
}

/** Parses, or gives the problems; what is neither fails the test. The time is that of the processor, since tests run beside each other. */
function read(text: string): { problems: readonly string[]; milliseconds: number } {
  const start = process.cpuUsage()
  let problems: readonly string[] = []
  try {
    parseRuleSet(text, 'rules.yaml', known)
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    problems = error.problems
  }
  const { user, system } = process.cpuUsage(start)
  return { problems, milliseconds: (user + system) / 1000 }
}

const megabyte = 2 ** 20
const fill = (text: string) => text.repeat(Math.ceil(megabyte / text.length))
const many = (make: (at: number) => string, count: number, between = ', ') =>
  Array.from({ length: count }, (_, at) => make(at)).join(between)
const ruled = (rules: string) => `{"objectives": {"O": {"rules": [${rules}], "default": "a@1"}}}`
const deep = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels)

/** A megabyte each, or what nests as deep as a megabyte can. */
const enormous: Readonly<Record<string, readonly [text: string, problem: RegExp | undefined]>> = {
  'open brackets': [fill('['), /nested deeper than 200 levels/],
  'brackets of JSON': [deep('[', ']', megabyte / 2), /nested deeper than 100 levels/],
  'maps of JSON': [
    `${'{"a":'.repeat(megabyte / 8)}1${'}'.repeat(megabyte / 8)}`,
    /nested deeper than 100 levels/,
  ],
  'conditions of JSON': [
    ruled(`{"name": "a", "use": "a@1", "when": ${'{"not":'.repeat(50_000)}{}${'}'.repeat(50_000)}}`),
    /nested deeper than 100 levels/,
  ],
  'list marks': [fill('- '), /nested deeper than 200 levels/],
  'key marks': [fill('? '), /nested deeper than 200 levels/],
  'indentation, level by level': [
    many((at) => `${' '.repeat(at)}a:`, 1400, '\n'),
    /nested deeper than 100 levels|is not one of the keys|must be/,
  ],
  'keys in one map': [`{${many((at) => `a${at}: 1`, 100_000)}}`, /a99999: is not one of the keys/],
  'keys in a block': [many((at) => `a${at}: 1`, 100_000, '\n'), /a99999: is not one of the keys/],
  'rules of JSON': [
    ruled(
      many(
        (at) =>
          `{"name": "r${at}", "when": {"country": "DE", "app": {"semver": ">=${at}.0.0"}}, "use": "a@2"}`,
        12_000,
      ),
    ),
    undefined,
  ],
  'rules that never differ': [
    ruled(
      many((at) => `{"name": "r${at}", "when": {"country": {"in": ["DE", "AT"]}}, "use": "a@2"}`, 12_000),
    ),
    undefined,
  ],
  'rules of one name': [
    ruled(many(() => '{"name": "r", "use": "a@2"}', 30_000)),
    /rules\.29999\.name: must differ/,
  ],
  'rules in YAML': [
    `objectives:\n  O:\n    default: a@1\n    rules:\n${many((at) => `      - { name: r${at}, when: { country: DE }, use: a@2 }`, 10_000, '\n')}`,
    undefined,
  ],
  'one list of values': [
    ruled(
      `{"name": "a", "when": {"member": {"in": [${many((at) => `"member-${at}"`, 60_000)}]}}, "use": "a@2"}`,
    ),
    undefined,
  ],
  'one range': [
    ruled(`{"name": "a", "when": {"app": {"semver": "${fill('>=1.0.0 ')}"}}, "use": "a@2"}`),
    /app\.semver: must be a range/,
  ],
  'one range of blanks': [
    ruled(`{"name": "a", "when": {"app": {"semver": "${fill(' ')}1"}}, "use": "a@2"}`),
    /app\.semver: must be a range/,
  ],
  'one key': [`{"${fill('k')}": 1, "objectives": {}}`, /is not one of the keys/],
  'experiments with cells': [
    `{"objectives": {"O": {"default": "a@1"}}, "experiments": {"x": {"salt": "x", "cells": [${many((at) => `{"name": "c${at}", "percent": 0.01, "use": "a@2"}`, 20_000)}]}}}`,
    /experiments\.x\.cells: must add up to 100, got 200/,
  ],
  'aliases of aliases': [
    `a: &a [x, x]\n${many((at) => `a${at}: &a${at} [${'*a'}${at === 0 ? '' : at - 1}, ${'*a'}${at === 0 ? '' : at - 1}]`, 40, '\n')}`,
    /alias/i,
  ],
  'nothing but blanks': [fill(' '), /must be a map/],
  'five megabytes of YAML': [
    `# ${' '.repeat(5 * megabyte)}`,
    /must have at most 4194304 characters, got 5242882/,
  ],
  'twenty megabytes': [' '.repeat(20 * megabyte), /must have at most 16777216 characters, got 20971520/],
}

it.each(Object.keys(enormous))('%s: taken or refused within seconds, and each problem is a line', (name) => {
  const [text, problem] = enormous[name]
  const { problems, milliseconds } = read(text)
  expect(milliseconds).toBeLessThan(30_000)
  if (problem === undefined) expect(problems).toEqual([])
  else expect(problems.some((line) => problem.test(line))).toBe(true)
  // As many calls of `expect` would take most of the time.
  expect(problems.filter((line) => line.length >= 2000)).toEqual([])
})

it('12,000 rules decide', () => {
  const [text] = enormous['rules of JSON']
  const router = compileRouter(parseRuleSet(text, 'rules.json'), known.objectives)
  const decide = (app: string) => router.for('O').decide({ country: 'DE', app })
  expect(decide('0.1.0').rule).toBe('r0')
  expect(decide('11999.0.0').rule).toBe('r0')
  expect(router.for('O').decide({ country: 'AT', app: '1.0.0' }).reason).toBe('default')
})

it('__proto__ is refused wherever it stands, in JSON and YAML, with its path, and no prototype is touched', () => {
  const places: readonly (readonly [string, string])[] = [
    ['{"__proto__": {"polluted": true}, "objectives": {}}', '__proto__'],
    ['{"objectives": {"O": {"__proto__": {"polluted": true}, "default": "a@1"}}}', 'objectives.O.__proto__'],
    [
      'objectives: { O: { default: a@1, rules: [ { name: a, use: a@1, when: { __proto__: { polluted: true } } } ] } }',
      'objectives.O.rules.0.when.__proto__',
    ],
    ['objectives: { O: { default: a@1 } }\nplacement: { __proto__: main }', 'placement.__proto__'],
    [
      'objectives: { O: { default: a@1 } }\nexperiments: { x: { salt: s, cells: [ { __proto__: {}, name: a, percent: 100, use: a@1 } ] } }',
      'experiments.x.cells.0.__proto__',
    ],
  ]
  for (const [text, path] of places) {
    const problems = read(text).problems.map((line) => line.replace(/^rules\.yaml:\d+: /, 'rules.yaml: '))
    expect(problems).toContain(`rules.yaml: ${path}: no key may be named __proto__`)
  }
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

it('names that every object inherits are names like others', () => {
  const text = `
objectives:
  constructor:
    rules: [ { name: toString, when: { valueOf: hasOwnProperty }, use: { experiment: isPrototypeOf } } ]
    default: { experiment: isPrototypeOf }
experiments: { isPrototypeOf: { salt: constructor, unit: context.constructor, cells: [ { name: valueOf, percent: 100, use: a@1 } ] } }
`
  const objectives = new Map([['constructor', contract]])
  const router = compileRouter(parseRuleSet(text, 'rules.yaml', { ...known, objectives }), objectives)
  expect(
    router.for('constructor').decide({ valueOf: 'hasOwnProperty', constructor: 'x' } as never),
  ).toMatchObject({
    rule: 'toString',
    experiment: 'isPrototypeOf',
    cell: 'valueOf',
  })
  expect(router.for('constructor').decide({})).toMatchObject({
    model: 'a@1',
    reason: 'default',
    flags: ['NO_UNIT'],
  })
})

it('keys that stand twice are refused, in JSON with their path, in YAML with their line', () => {
  expect(
    read('{"objectives": {"O": {"default": "a@1", "rules": [{"name": "a", "use": "a@1", "name": "b"}]}}}')
      .problems,
  ).toEqual(['rules.yaml: objectives.O.rules.0.name: must be given only once'])
  expect(read('{"objectives": {"O": {"default": "a@1", "def\\u0061ult": "a@2"}}}').problems).toEqual([
    'rules.yaml: objectives.O.default: must be given only once',
  ])
  expect(read('objectives:\n  O: { default: a@1 }\n  O: { default: a@2 }').problems).toEqual([
    'rules.yaml:3:3: must be YAML, got: Map keys must be unique',
  ])
})

const words = [
  ...'objectives experiments placement message rules default canary shadow fallback limits name when use of to percent salt unit'.split(
    ' ',
  ),
  ...'model cells constant experiment all any not eq ne in notIn lt lte gt gte prefix semver exists context.member input.year'.split(
    ' ',
  ),
  ...models,
]

it('2,000 changed rule sets: each is taken whole and decides, or is refused with its problems', () => {
  const rules = new RandomRules(seeded(43))
  const sources = Array.from({ length: 30 }, () => rules.ruleSet())
  const texts = sources.map((source) => JSON.stringify(source))
  const tree = changedTree(sources, words)
  const text = fc.oneof(
    { weight: 8, arbitrary: tree.map((value) => JSON.stringify(value) ?? '') },
    { weight: 3, arbitrary: editedText(texts) },
    { weight: 1, arbitrary: anyValue.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: fc.array(anyText, { maxLength: 12 }).map((parts) => parts.join('')) },
  )
  let taken = 0
  let refused = 0
  fc.assert(
    fc.property(text, (one) => {
      let ruleSet: ReturnType<typeof parseRuleSet>
      try {
        ruleSet = parseRuleSet(one, 'rules.yaml', known)
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        refused++
        requireProblems(error.problems, 'rules.yaml:')
        for (const problem of error.problems)
          if (/undefined|\[object/.test(problem)) throw new Error(`not for people: ${problem}`)
        return
      }
      taken++
      const router = compileRouter(ruleSet, known.objectives)
      for (const objective of Object.keys(ruleSet.objectives)) {
        const decision = router.resolve({
          objective,
          context: { country: 'DE', member: '1' },
          inputs: { year: 1999 },
        })
        if (!('model' in decision)) throw new Error(`without a model: ${JSON.stringify(decision)}`)
      }
      // What was taken is taken again, from its own text and from its parsed form.
      const again = checkRules(ruleSet, known).problems
      if (again.length > 0) throw new Error(`not taken again: ${again.join(', ')}`)
    }),
    { seed: 401, numRuns: 2_000 },
  )
  expect(taken).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(400)
})
