import { proposeFeatures } from '../../../cli/newModel/propose/proposeFeatures'
import { openQuestions } from '../../../cli/newModel/propose/questions'
import type { TensorSignature } from '../../../models/types/tensor'

const input = (name: string, width = 1): TensorSignature => ({
  name,
  type: 'float32',
  shape: ['N', width],
})

const samplesOf = (columns: readonly string[], cell: (at: number) => unknown = String) => ({
  file: 'rows.csv',
  rows: 1,
  columns: new Map(columns.map((name, at) => [name, [cell(at)]])),
  isText: true,
})

function propose(inputs: readonly string[], columns: readonly string[]) {
  const sources = { stated: new Map(), ...(columns.length > 0 && { samples: samplesOf(columns) }) }
  return proposeFeatures(
    inputs.map((name) => input(name)),
    sources,
    openQuestions(true),
  )
}

/** For one input of three columns. */
function proposeWide(samples: ReturnType<typeof samplesOf>, ...named: readonly string[]) {
  const stated = new Map(named.map((name) => [name, undefined]))
  return proposeFeatures([input('x', 3)], { stated, samples }, openQuestions(true))
}

it.each([
  ['u', 'give --feature NAME for each, in their order'],
  ['u;v;w', 'rows.csv must have commas between its columns'],
  ['u\tv\tw', 'rows.csv must have commas between its columns'],
])('a single column %j does not fill an input of three', async (column, advice) => {
  await expect(proposeWide(samplesOf([column]))).rejects.toThrow(
    `input x of the graph: must have 3 columns, got 1 (${column}); ${advice}`,
  )
})

it('takes the list that is named, and says what is none', async () => {
  const [{ features }] = await proposeWide(
    samplesOf(['a', 'b'], (at) => [at, at, at]),
    'b',
  )
  expect(features).toEqual([expect.objectContaining({ name: 'b', type: '[Float!]', length: 3, column: 'b' })])
  await expect(proposeWide(samplesOf(['a', 'b']), 'b')).rejects.toThrow(
    'rows.csv: row 0: b: must be a list of 3 numbers',
  )
  await expect(proposeWide(samplesOf(['a']), 'b')).rejects.toThrow(
    'rows.csv: must have a column b for input x of the graph, got a',
  )
})

it('takes the column of the very name, wherever another would be called so', async () => {
  for (const columns of [
    ['a b', 'a_b'],
    ['a_b', 'a b'],
  ]) {
    const [{ features }] = await propose(['a_b'], columns)
    expect(features).toEqual([expect.objectContaining({ name: 'a_b', column: 'a_b' })])
  }
  const [{ features }] = await propose(['a_b'], ['c', 'a b'])
  expect(features).toEqual([expect.objectContaining({ name: 'a_b', column: 'a b' })])
})

it('names the columns of which it cannot tell the one that is meant', async () => {
  await expect(propose(['a_b'], ['a b', 'a-b'])).rejects.toThrow(
    'rows.csv: must have one column for feature a_b, got "a b" and "a-b"',
  )
})

it.each([[['a b', 'a_b']], [[]]])(
  'names inputs that would be one feature, given the columns %j',
  async (columns) => {
    await expect(propose(['a b', 'a_b'], columns)).rejects.toThrow(
      'feature a_b: must be one, got several columns that would be called so (a b, a_b)',
    )
  },
)
