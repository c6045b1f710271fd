import type { InputSpec } from '../../../models/contracts/objective'
import { impliesValidation } from '../../../models/validation/impliedValidation'
import { bindObjective } from '../../../models/validation/validateRows'
import { messages, modelOf, objectiveOf, signature } from '../support'

function input(declaration: string): InputSpec {
  return objectiveOf(`inputs: { f: ${declaration} }\noutputs: { y: { type: Float } }`).inputs[0]
}

it.each([
  ['{ type: Float }', '{ type: Float }'],
  ['{ type: Int }', '{ type: Float }'],
  ['{ type: Int, range: [1, 5] }', '{ type: Float, range: [0, 5] }'],
  ['{ type: ID, maxLength: 9 }', '{ type: ID, maxLength: 9 }'],
  ['{ type: enum, labels: [A] }', '{ type: enum, labels: [B, A] }'],
  ['{ type: enum, labels: [A] }', '{ type: String }'],
  ['{ type: "[Float!]", length: 3 }', '{ type: "[Float!]", length: 3 }'],
  ['{ type: "[Float!]", length: 3 }', '{ type: "[Float!]", maxLength: 3 }'],
  ['{ type: "[ID!]" }', '{ type: "[ID!]", maxLength: 4096 }'],
  ['{ type: Int, nullable: true }', '{ type: Int, nullable: true }'],
  ['{ type: Int, default: 3 }', '{ type: Int }'],
])('what %s lets through %s takes unchanged', (given, wanted) => {
  expect(impliesValidation(input(given), input(wanted))).toBe(true)
})

it.each([
  ['{ type: Float }', '{ type: Int }'],
  ['{ type: Int }', '{ type: Int, range: [0, 5] }'],
  ['{ type: Int, range: [0, 6] }', '{ type: Int, range: [0, 5] }'],
  ['{ type: ID }', '{ type: String }'],
  ['{ type: ID }', '{ type: ID, maxLength: 9 }'],
  ['{ type: ID, maxLength: 10 }', '{ type: ID, maxLength: 9 }'],
  ['{ type: enum, labels: [A, C] }', '{ type: enum, labels: [B, A] }'],
  ['{ type: "[Float!]" }', '{ type: "[Float!]", length: 3 }'],
  ['{ type: "[Float!]", maxLength: 3 }', '{ type: "[Float!]", length: 3 }'],
  ['{ type: "[ID!]" }', '{ type: "[ID!]", maxLength: 4095 }'],
  ['{ type: Int, nullable: true }', '{ type: Int }'],
  ['{ type: Int, nullable: true }', '{ type: Int, nullable: true, onNull: error }'],
  ['{ type: Int, nullable: true }', '{ type: Int, default: 3 }'],
  ['{ type: Int, nullable: true, default: null }', '{ type: Int, default: 3 }'],
])('what %s lets through %s must look at', (given, wanted) => {
  expect(impliesValidation(input(given), input(wanted))).toBe(false)
})

const model = modelOf(
  `
features:
  size: { type: Float, range: [0, 100] }
  pair: { type: "[Float!]", length: 2 }
preprocess: { x: [{ number: size }, { vector: pair }] }
postprocess: { y: { column: y } }
`,
  signature(['x float32[batch,3]'], ['y float32[batch]']),
)

it('takes columns as they are where the objective and the model find nothing to change', () => {
  const objective = objectiveOf(`
inputs: { size: { type: Int, range: [0, 9] }, pair: { type: "[Float!]", length: 2 } }
outputs: { y: { type: Float } }`)
  const raw = [
    [1, 2],
    [
      [0.5, 1],
      [2, 3],
    ],
  ]
  const { columns, errors } = bindObjective(objective, model)(raw, 2)
  expect(errors).toBeUndefined()
  expect(columns[0]).toBe(raw[0])
  expect(columns[1]).toBe(raw[1])
})

it('leaves the caller’s columns alone where a row is refused', () => {
  const objective = objectiveOf(`
inputs: { size: { type: Float }, pair: { type: "[Float!]", length: 2 } }
outputs: { y: { type: Float } }`)
  const raw = [
    [1, 200, 3],
    [
      [0.5, 1],
      [2, 3],
      [4, Number.NaN],
    ],
  ]
  const { columns, errors } = bindObjective(objective, model)(raw, 3)
  expect(messages(errors)).toEqual([
    null,
    'm@1: feature size: must be from 0 to 100, got 200',
    'm@1: input pair of O: item 1 must be a number within float32, got NaN',
  ])
  expect(columns).toEqual([
    [1, null, null],
    [[0.5, 1], null, null],
  ])
  expect(raw[0]).toEqual([1, 200, 3])
  expect(raw[1][1]).toEqual([2, 3])
})
