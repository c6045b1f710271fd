import { PresageError } from '../../../lib/errors'
import { compileModel } from '../../../models/compile/compileModel'
import { parseManifest } from '../../../models/manifest/parseManifest'
import type { Tensors } from '../../../models/types/tensor'
import { manifestText, modelOf, problemsOf, signature, tensor } from '../support'

const simple = `
features: { a: { type: Float }, b: { type: Float } }
preprocess: { x: [{ number: a }, { number: b }] }
postprocess: { y: { column: y } }
`

function refusal(inputs: readonly string[], outputs: readonly string[] = ['y float32[batch]']) {
  return problemsOf(() => modelOf(simple, signature(inputs, outputs)))
}

test.each([
  ['string', 'x string[batch,2]', 'must be a tensor of numbers, got string'],
  ['float16', 'x float16[batch,2]', 'must be a tensor of numbers, got float16'],
  ['sequence', 'x sequence[]', 'must be a tensor of numbers, got sequence'],
  ['map', 'x map[]', 'must be a tensor of numbers, got map'],
  ['fixed batch', 'x float32[1,2]', 'must have a dynamic batch dimension first, got [1, 2]'],
  ['scalar', 'x float32[]', 'must be [batch] or [batch, n], got []'],
  ['rank 3', 'x float32[batch,2,2]', 'must be [batch] or [batch, n], got [batch, 2, 2]'],
  ['width', 'x float32[batch,3]', 'must be 3 wide, got 2 columns'],
  ['rank 1', 'x float32[batch]', 'must be 1 wide, got 2 columns'],
])('an input that is %s is refused by name', (_, input, problem) => {
  expect(refusal([input])).toEqual([`input x of the graph: ${problem}`])
})

test.each([
  ['y float16[batch]', 'must be a tensor of numbers, got float16'],
  ['y sequence[]', 'must be a tensor of numbers, got sequence'],
  ['y float32[1]', 'must have a dynamic batch dimension first, got [1]'],
])('an output %s is refused by name', (output, problem) => {
  expect(refusal(['x float32[batch,2]'], [output])).toEqual([`output y of the graph: ${problem}`])
})

test('an output that no step reads may be of any type', () => {
  const outputs = ['y float32[batch]', 'z sequence[]', 'words string[batch]', 'deep float32[1,2,3]']
  const { checkOutputs } = modelOf(simple, signature(['x float32[batch,2]'], outputs))
  expect(() => checkOutputs({ y: tensor('float32', [2], [1, 2]) }, 2)).not.toThrow()
})

test('each input of the graph has exactly one entry in preprocess', () => {
  expect(refusal(['z float32[batch,2]'])).toEqual([
    'input z of the graph: must have an entry in preprocess, got none; ' +
      'preprocess.x: must be an input of the graph (z), got x',
  ])
})

test('each feature of many is looked for without reading the names of all', () => {
  const names = Array.from({ length: 200 }, (_, place) => `f${place}`)
  const manifest = parseManifest(
    manifestText(`
features: { ${names.map((name) => `${name}: { type: Float }`)} }
preprocess: { x: [${names.map((name) => `{ number: ${name}, categories: [0, 1] }`)}] }
postprocess: { y: { column: y } }
`),
    'model.yaml',
  )
  let reads = 0
  const features = manifest.features.map((feature) => ({
    ...feature,
    get name() {
      reads++
      return feature.name
    },
  }))
  const graph = signature(['x float32[batch,200]'], ['y float32[batch]'])
  compileModel({ manifest: { ...manifest, features }, vocabularies: {} }, graph)
  expect(reads).toBeLessThan(10 * names.length)
})

describe('checkOutputs', () => {
  const sections = simple.replace('{ column: y } }', '{ column: y }, z: { column: z } }')
  const model = modelOf(
    sections,
    signature(['x float32[batch,2]'], ['y float32[batch]', 'z float32[batch,2]']),
  )
  const right: Tensors = { y: tensor('float32', [2], [1, 2]), z: tensor('float32', [2, 2], [1, 2, 3, 4]) }

  test('takes what the graph promised', () => {
    expect(() => model.checkOutputs(right, 2)).not.toThrow()
  })

  test.each<[string, Tensors, string]>([
    [
      'another number of rows',
      { ...right, y: tensor('float32', [3], [1, 2, 3]) },
      'y of the graph: must have 2 rows, got [3]',
    ],
    [
      'another rank',
      { ...right, y: tensor('float32', [2, 1], [1, 2]) },
      'y of the graph: must have 1 dimensions, got [2, 1]',
    ],
    [
      'another type',
      { ...right, y: tensor('int64', [2], [1, 2]) },
      'y of the graph: must be float32, got int64',
    ],
    [
      'another width',
      { ...right, z: tensor('float32', [2, 1], [1, 2]) },
      'z of the graph: must be 2 wide, got [2, 1]',
    ],
    [
      'too few values',
      { ...right, z: tensor('float32', [2, 2], [1]) },
      'z of the graph: must hold 4 values, got 1',
    ],
    ['a missing tensor', { y: right.y }, 'z of the graph: must be there, got nothing'],
  ])('refuses %s', (_, tensors, problem) => {
    const check = () => model.checkOutputs(tensors, 2)
    expect(check).toThrow(`m@1: output ${problem}`)
    expect(check).toThrow(PresageError)
  })
})
