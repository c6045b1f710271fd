import { bindObjective } from '../../../models/validation/validateRows'
import { messages, modelOf, objectiveOf, signature } from '../support'

const model = modelOf(
  `
vocabularies: { v: [1] }
features:
  history: { type: "[ID!]", input: liked, maxLength: 3 }
  year: { type: Float, default: 1997 }
  boost: { type: Int, default: 2 }
preprocess:
  h: { indexList: history, vocabulary: v, unknown: 0 }
  x: [{ number: year }, { number: boost }]
postprocess: { y: { column: y } }
`,
  signature(['h int64[batch,n]', 'x float32[batch,2]'], ['y float32[batch]']),
)

const objective = objectiveOf(`
inputs:
  genres: { type: "[String!]" }
  year: { type: Int, range: [1900, 2100], nullable: true }
  liked: { type: "[ID!]", maxLength: 5, default: [] }
outputs: { y: { type: Float } }
`)

const bound = bindObjective(objective, model)

function validate(...inputs: readonly (readonly unknown[] | undefined)[]) {
  const rows = inputs.find((column) => column !== undefined)?.length ?? 0
  const { columns, errors } = bound(inputs, rows)
  return { columns, errors: messages(errors) }
}

test('columns come by the model’s features, and features that are no inputs take their defaults', () => {
  expect(validate(undefined, [1994, null], [[7], undefined])).toEqual({
    columns: [
      [['7'], []],
      [1994, 1997],
      [2, 2],
    ],
    errors: undefined,
  })
})

test('an input that the model does not declare is ignored, missing or malformed', () => {
  expect(validate([null, 'bad'], [2000, 2000], [[], []]).errors).toBeUndefined()
})

test('the objective’s limits come first and the message names its input, then the model’s own', () => {
  const { columns, errors } = validate(
    undefined,
    [1800, 2000.5, 2000, 2000],
    [[], [], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4]],
  )
  expect(errors).toEqual([
    'm@1: input year of O: must be from 1900 to 2100, got 1800',
    'm@1: input year of O: must be a whole number, got 2000.5',
    'm@1: input liked of O: must have at most 5 items, got 6',
    'm@1: feature history (input liked): must have at most 3 items, got 4',
  ])
  expect(columns).toEqual(new Array(3).fill([null, null, null, null]))
})

test('neighbours of a refused row stand', () => {
  expect(validate(undefined, ['x', 2000], [[], [1]])).toEqual({
    columns: [
      [null, ['1']],
      [null, 2000],
      [null, 2],
    ],
    errors: ['m@1: input year of O: must be a whole number, got "x"', null],
  })
})

test('lists of numbers are as long as the input demands', () => {
  const declaration = '{ type: "[Float!]", length: 2 }'
  const pairs = bindObjective(
    objectiveOf(`inputs: { pair: ${declaration} }\noutputs: { y: { type: Float } }`),
    modelOf(
      `
features: { pair: ${declaration} }
preprocess: { x: [{ vector: pair }] }
postprocess: { y: { column: y } }
`,
      signature(['x float32[batch,2]'], ['y float32[batch]']),
    ),
  )
  expect(messages(pairs([[[1, 2], [1]]], 2).errors)).toEqual([
    null,
    'm@1: input pair of O: must have 2 items, got 1',
  ])
})
