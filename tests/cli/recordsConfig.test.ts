import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config'
import { LoadError } from '../../lib/errors'

const folder = mkdtempSync(join(tmpdir(), 'presage-records-config-'))

function load(text: string) {
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, text)
  return loadConfig(file)
}

function problemsOf(text: string): readonly string[] {
  try {
    load(text)
  } catch (error) {
    if (error instanceof LoadError)
      return error.problems.map((problem) => problem.replace(/^.*presage.yaml: /, ''))
    throw error
  }
  return []
}

it('exposures are off and examples are not kept unless that is asked for', () => {
  const { shadows, exposures } = load('{}')
  expect(exposures).toBeUndefined()
  expect(shadows).toEqual({ rows: 10_000, deadline: 200, tolerance: 0.001, k: 10, pairs: 100, examples: 0 })
})

it('the file of exposures is beside the configuration, and holds all units unless said', () => {
  const { exposures } = load('exposures: { file: logs/exposures.jsonl }')
  expect(exposures).toEqual({ file: join(folder, 'logs/exposures.jsonl'), sample: 1 })
})

it.each([
  ['exposures: { sample: 0.5 }', 'exposures.file: must be text, got nothing'],
  ['exposures: { file: a, sample: 10 }', 'exposures.sample: must be from 0 to 1, got 10'],
  ['shadows: { rows: -1 }', 'shadows.rows: must be a whole number from 0 on, got -1'],
  ['shadows: { deadline: 5 }', 'shadows.deadline: must be a duration such as 200ms, 1s or 2m, got 5'],
  [
    'shadows: { percent: 5 }',
    'shadows.percent: is not one of the keys rows, deadline, tolerance, k, pairs, examples',
  ],
])('%s is refused', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem])
})
