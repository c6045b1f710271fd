import { join } from 'node:path'
import { configFolder, load, problemsOf } from '../writtenConfig'

it('exposures are off and examples are not kept unless that is asked for', () => {
  const { shadows, exposures } = load('{}')
  expect(exposures).toBeUndefined()
  expect(shadows).toEqual({ rows: 10_000, deadline: 200, tolerance: 0.001, k: 10, pairs: 100, examples: 0 })
})

it('the file of exposures is beside the configuration, and holds all units unless said', () => {
  const { exposures } = load('exposures: { file: logs/exposures.jsonl }')
  expect(exposures).toEqual({ file: join(configFolder, 'logs/exposures.jsonl'), sample: 1 })
})

it.each([
  ['exposures: { sample: 0.5 }', 'exposures.file: must be text, got nothing'],
  ['exposures: { file: a, sample: 10 }', 'exposures.sample: must be from 0 to 1, got 10'],
  ['shadows: { rows: -1 }', 'shadows.rows: must be a whole number from 0 on, got -1'],
  [
    'shadows: { deadline: 5 }',
    'shadows.deadline: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got 5',
  ],
  [
    'shadows: { percent: 5 }',
    'shadows.percent: is not one of the keys rows, deadline, tolerance, k, pairs, examples',
  ],
])('%s is refused', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem])
})
