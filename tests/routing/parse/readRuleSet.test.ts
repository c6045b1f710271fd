import { readRuleSet } from '../../../routing/apart/readRuleSet'
import type { KnownNames } from '../../../routing/ruleSet/knownNames'

/** Long enough to be read in a thread of its own, with its last line to be chosen. */
const text = (last: string) =>
  `objectives:\n  RATE:\n    default: rater@1\n${'# a comment\n'.repeat(1000)}${last}\n`

test('problems of a long text have their lines, though it is read elsewhere', async () => {
  await expect(readRuleSet(text('experimnts: {}'), 'rules.yaml')).rejects.toThrow(
    'rules.yaml:1004: experimnts: is not one of the keys objectives, message, experiments, placement; did you mean "experiments"?',
  )
})

test('one that is right has no warnings', async () => {
  const warnings: string[] = []
  const ruleSet = await readRuleSet(text('message: hello'), 'rules.yaml', undefined, (line) =>
    warnings.push(line),
  )
  expect([ruleSet.message, warnings]).toEqual(['hello', []])
})

test('names are checked and warnings told there as they are here', async () => {
  const contract = { inputs: [], outputs: [] }
  const known: KnownNames = {
    objectives: new Map([['RATE', contract]]),
    models: new Set(['rater@1']),
    serves: new Map([['rater@1', ['RATE']]]),
    asked: new Map(),
    fieldShards: new Map(),
    pins: [],
    contextTypes: new Map([['age', 'number']]),
    contextKeys: new Set(['age']),
    freeKeys: new Set(),
  }
  const rules = (use: string) =>
    `    rules:\n      - { name: a, when: { age: { gt: 5, lt: 4 } }, use: ${use} }\nexperiments: {}`
  const read = async (file: string, use: string) => {
    const warnings: string[] = []
    const warn = (line: string) => warnings.push(line)
    const short = text(rules(use)).replaceAll('# a comment\n', '')
    const padded = `${short}${'# a comment\n'.repeat(1000)}`
    const there = await readRuleSet(padded, file, known, warn).catch((error: Error) => error.message)
    const here = await readRuleSet(short, file, known, warn).catch((error: Error) => error.message)
    return { there, here, warnings }
  }
  const right = await read('rules.yaml', 'rater@1')
  expect(right.there).toEqual(right.here)
  expect(Object.isFrozen(right.there)).toBe(true)
  const warning = 'rules.yaml:5: objectives.RATE.rules.0.when: can never hold: '
  expect(right.warnings).toEqual([expect.stringContaining(warning), right.warnings[0]])
  const wrong = await read('rules.yaml', 'rater@2')
  expect(wrong.there).toMatch(
    /^rules.yaml:5: objectives.RATE.rules.0.use: must be a version of the repository/,
  )
  expect(wrong.there).toBe(wrong.here)
})
