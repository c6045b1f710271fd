import { readRuleSet } from '../../../routing/apart/readRuleSet'

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
