import { messages, preprocessing, validated } from '../support'

function oneFeature(declaration: string) {
  const step = declaration.includes('[ID') ? '{ mask: f }' : '{ oneHot: f, categories: [A], unknown: zero }'
  const tensor = declaration.includes('[ID') ? 'float32[batch,n]' : 'float32[batch,1]'
  return preprocessing(tensor, `{ f: ${declaration} }`, step)
}

function numberFeature(declaration: string) {
  return preprocessing('float32[batch]', `{ f: ${declaration} }`, '{ number: f }')
}

function listFeature(declaration: string) {
  return preprocessing('float32[batch,n]', `{ f: ${declaration} }`, '{ vector: f, length: 2 }')
}

function valuesOf(model: ReturnType<typeof oneFeature>, values: readonly unknown[]) {
  const { columns, errors } = validated(
    model,
    values.map((value) => [value]),
  )
  return { column: columns[0], errors: messages(errors) }
}

test('ids become text, a fraction is no id', () => {
  expect(valuesOf(oneFeature('{ type: ID }'), ['a', 12, -1, 1.5, 2 ** 53])).toEqual({
    column: ['a', '12', '-1', null, null],
    errors: [
      null,
      null,
      null,
      'm@1: feature f: must be an id (text or a whole number from -(2^53 - 1) to 2^53 - 1), got 1.5',
      'm@1: feature f: must be an id (text or a whole number from -(2^53 - 1) to 2^53 - 1), got 9007199254740992',
    ],
  })
})

test('an Int is a whole number that JavaScript holds exactly', () => {
  const { errors } = valuesOf(numberFeature('{ type: Int, range: [0, 9] }'), [
    3,
    3.5,
    '3',
    Number.NaN,
    2 ** 53,
    10,
  ])
  expect(errors).toEqual([
    null,
    'm@1: feature f: must be a whole number, got 3.5',
    'm@1: feature f: must be a whole number, got "3"',
    'm@1: feature f: must be a whole number, got NaN',
    'm@1: feature f: must be from 0 to 9, got 9007199254740992',
    'm@1: feature f: must be from 0 to 9, got 10',
  ])
  const whole = 'm@1: feature f: must be a whole number'
  const range = `${whole} from -(2^53 - 1) to 2^53 - 1`
  expect(valuesOf(numberFeature('{ type: Int }'), [2 ** 53 - 1, 2 ** 53, -(2 ** 54), Infinity])).toEqual({
    column: [2 ** 53 - 1, null, null, null],
    errors: [
      null,
      `${range}, got 9007199254740992`,
      `${range}, got -18014398509481984`,
      `${whole}, got Infinity`,
    ],
  })
})

test('a Float is finite and within float32', () => {
  const { column, errors } = valuesOf(numberFeature('{ type: Float }'), [
    1.5,
    3.4e38,
    3.5e38,
    -Infinity,
    Number.NaN,
  ])
  expect(column).toEqual([1.5, 3.4e38, null, null, null])
  expect(errors?.slice(2)).toEqual(
    ['3.5e+38', '-Infinity', 'NaN'].map(
      (got) => `m@1: feature f: must be a number within float32, got ${got}`,
    ),
  )
})

test('a Boolean is a Boolean, an enum one of its labels', () => {
  expect(valuesOf(oneFeature('{ type: Boolean }'), [true, 1]).errors).toEqual([
    null,
    'm@1: feature f: must be true or false, got 1',
  ])
  expect(valuesOf(oneFeature('{ type: enum, labels: [A, B] }'), ['B', 'C']).errors).toEqual([
    null,
    'm@1: feature f: must be one of A, B, got "C"',
  ])
})

test('text is measured in characters, not in UTF-16 units', () => {
  expect(valuesOf(oneFeature('{ type: String, maxLength: 2 }'), ['😀😀', 'abc']).errors).toEqual([
    null,
    'm@1: feature f: must have at most 2 characters, got 3',
  ])
})

test('lists hold no null and are as long as declared, at most 4,096 unless said', () => {
  expect(
    valuesOf(listFeature('{ type: "[Float!]", length: 2 }'), [[1, 2], [1], [1, null], 'x', [1, 'a']]).errors,
  ).toEqual([
    null,
    'm@1: feature f: must have 2 items, got 1',
    'm@1: feature f: item 1 must be a number within float32, got null',
    'm@1: feature f: must be a list, got "x"',
    'm@1: feature f: item 1 must be a number within float32, got "a"',
  ])
  expect(valuesOf(oneFeature('{ type: "[ID!]" }'), [new Array(4097).fill('1')]).errors).toEqual([
    'm@1: feature f: must have at most 4096 items, got 4097',
  ])
})

test('a list of mixed ids becomes text without touching the caller’s list', () => {
  const given = ['a', 2, 'c']
  expect(valuesOf(oneFeature('{ type: "[ID!]" }'), [given]).column).toEqual([['a', '2', 'c']])
  expect(given).toEqual(['a', 2, 'c'])
})

test('absent values take the default, and so does null unless nullable', () => {
  expect(valuesOf(numberFeature('{ type: Int, default: 7 }'), [undefined, null, 1]).column).toEqual([7, 7, 1])
  expect(
    valuesOf(numberFeature('{ type: Int, default: 7, nullable: true }'), [undefined, null]).column,
  ).toEqual([7, null])
  expect(valuesOf(numberFeature('{ type: Int, nullable: true }'), [undefined, null]).column).toEqual([
    null,
    null,
  ])
  expect(valuesOf(numberFeature('{ type: Int }'), [undefined, null]).errors).toEqual([
    'm@1: feature f: must be a whole number, got nothing',
    'm@1: feature f: must be a whole number, got null',
  ])
})

test('with onNull: error null is refused although absence takes the default', () => {
  expect(valuesOf(numberFeature('{ type: Int, default: 7, onNull: error }'), [undefined, null])).toEqual({
    column: [7, null],
    errors: [null, 'm@1: feature f: must be a whole number, got null'],
  })
})

test('a refused row holds null in every column and its neighbours stand', () => {
  const model = preprocessing(
    'float32[batch,2]',
    '{ a: { type: Int }, b: { type: Int } }',
    '[{ number: a }, { number: b }]',
  )
  const { columns, errors } = validated(model, [
    [1, 2],
    ['x', 3],
    [4, 5],
  ])
  expect(columns).toEqual([
    [1, null, 4],
    [2, null, 5],
  ])
  expect(errors?.map((error) => error && [error.code, error.details])).toEqual([
    undefined,
    ['BAD_FEATURE', { model: 'm@1', feature: 'a', input: 'a' }],
    undefined,
  ])
})
