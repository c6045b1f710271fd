import { proposeFeatures } from '../../../cli/newModel/propose/proposeFeatures'
import { openQuestions } from '../../../cli/newModel/propose/questions'
import type { TensorSignature } from '../../../models/types/tensor'

const input = (name: string): TensorSignature => ({ name, type: 'float32', shape: ['N', 1] })

function propose(inputs: readonly string[], columns: readonly string[]) {
  const samples = {
    file: 'rows.csv',
    rows: 1,
    columns: new Map(columns.map((name, at) => [name, [String(at)]])),
    isText: true,
  }
  const sources = { stated: new Map(), ...(columns.length > 0 && { samples }) }
  return proposeFeatures(inputs.map(input), sources, openQuestions(true))
}

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
