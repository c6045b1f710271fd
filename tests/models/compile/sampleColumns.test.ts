import { sampleColumns } from '../../../models/compile/sampleColumns'
import { float32Highest } from '../../../models/types/elementType'
import { modelOf, signature } from '../support'

test('samples are validated whatever the steps demand of a feature', () => {
  const model = modelOf(
    `
vocabularies: { v: [318, 2] }
features:
  id: { type: ID }
  ids: { type: "[ID!]", length: 2 }
  job: { type: String }
  tags: { type: "[String!]" }
  low: { type: Float, range: [-5, 5] }
  wide: { type: Float, range: [-1.0e+300, 1.0e+300] }
  embedding: { type: "[Float!]" }
  strict: { type: Int, nullable: true, onNull: error }
  free: { type: Int, default: 3 }
  both: { type: String }
  count: { type: Int }
preprocess:
  a: { index: id, vocabulary: v }
  b: { indexList: ids, vocabulary: v }
  c:
    - { oneHot: job, categories: [fixed, other] }
    - { multiHot: tags, categories: [x, y] }
    - { log1p: low }
    - { bucketize: wide, boundaries: [0] }
    - { vector: embedding, length: 3 }
    - { number: strict }
    - { number: free }
    - { oneHot: both, categories: [x, y] }
    - { oneHot: both, categories: [y, z] }
    - { oneHot: count, categories: [many, 7] }
postprocess: { y: { column: y } }
`,
    signature(['a int64[batch]', 'b int64[batch,2]', 'c float32[batch,18]'], ['y float32[batch]']),
  )
  const { columns, errors } = model.validate(sampleColumns(model, 2), 2)
  expect(errors).toBeUndefined()
  const sample = columns.map(([value]) => value)
  expect(sample).toEqual([
    '318',
    ['318', '318'],
    'fixed',
    ['x'],
    0,
    -float32Highest,
    [0, 0, 0],
    null,
    3,
    'y',
    7,
  ])
})
