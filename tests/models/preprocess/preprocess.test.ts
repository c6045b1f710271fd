import { sampleColumns } from '../../../models/compile/sampleColumns'
import { built, messages, modelOf, preprocessing, problemsOf, signature, validated } from '../support'

function errorsOf(model: ReturnType<typeof preprocessing>, values: readonly unknown[]) {
  return messages(
    validated(
      model,
      values.map((value) => [value]),
    ).errors,
  )
}

test('number: (value - offset) / scale, null becomes fill in the value’s own units', () => {
  const model = preprocessing(
    'float32[batch]',
    '{ year: { type: Int, nullable: true } }',
    '{ number: year, fill: 1997, offset: 1900, scale: 10 }',
  )
  expect(built(model, [[1950], [null]])).toEqual({
    type: 'float32',
    dims: [2],
    data: new Float32Array([5, 9.7]),
  })
})

test('number: null without fill is NaN, and Booleans are 0 and 1', () => {
  const features = '{ a: { type: Float, nullable: true }, b: { type: Boolean } }'
  const model = preprocessing('float64[batch,2]', features, '[{ number: a }, { number: b }]')
  expect(
    built(model, [
      [null, true],
      [0.1, false],
    ]).data,
  ).toEqual(new Float64Array([Number.NaN, 1, 0.1, 0]))
})

test('number: what scaling would push beyond float32 is refused, not turned into infinity', () => {
  const model = preprocessing('float32[batch]', '{ f: { type: Float } }', '{ number: f, scale: 0.001 }')
  expect(errorsOf(model, [1, 1e37])).toEqual([
    null,
    'm@1: feature f: must become a number that float32 holds, got 1e+37',
  ])
})

test('number: with categories any other number is refused, but not null', () => {
  const features = '{ f: { type: Int, nullable: true } }'
  const model = preprocessing('float64[batch]', features, '{ number: f, categories: [2, 3, -0.0, 5.0] }')
  expect(errorsOf(model, [2, 3, -0, 5, null, 4])).toEqual([
    ...Array(5).fill(null),
    'm@1: feature f: must be one of 2, 3, 0, 5, got 4',
  ])
  const warm = preprocessing('float64[batch]', '{ f: { type: Int } }', '{ number: f, categories: [2, 3] }')
  expect(sampleColumns(warm, 1)).toEqual([[2]])
})

test('number: a fill that is none of the categories is refused', () => {
  const compile = () =>
    preprocessing(
      'float32[batch]',
      '{ f: { type: Int, nullable: true } }',
      '{ number: f, fill: 4, categories: [2, 3] }',
    )
  expect(problemsOf(compile)).toEqual(['model.yaml:5: preprocess.x.fill: must be one of 2, 3, got 4'])
})

test('number: a value that only rounding keeps within float32 is checked after scaling too', () => {
  const model = preprocessing('float32[batch]', '{ f: { type: Float } }', '{ number: f, scale: 0.99999999 }')
  const { errors } = validated(model, [[3.4028234e38], [3.40282356e38]])
  expect(errors?.map((error) => error?.code)).toEqual([undefined, 'BAD_FEATURE'])
})

test('number: whole numbers fill integer tensors exactly, int64 beyond 32 bits and below zero too', () => {
  const model = preprocessing('int64[batch]', '{ f: { type: Int } }', '{ number: f }')
  const numbers = [0, -1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  expect(
    built(
      model,
      numbers.map((number) => [number]),
    ).data,
  ).toEqual(BigInt64Array.from(numbers.map(BigInt)))
})

test('number: an integer tensor takes no fraction, no overflow and no null', () => {
  const compile = (feature: string, step: string) => () =>
    preprocessing('int32[batch]', `{ f: ${feature} }`, `{ number: f${step} }`)
  expect(problemsOf(compile('{ type: Float }', ''))).toEqual([
    'input x of the graph: must be Int or Boolean to fill int32, got Float feature f',
  ])
  expect(problemsOf(compile('{ type: Int }', ', scale: 2'))).toEqual([
    'input x of the graph: must yield whole numbers to fill int32, got a fraction for feature f',
  ])
  expect(problemsOf(compile('{ type: Int, nullable: true }', ''))).toEqual([
    'input x of the graph: needs fill, since int32 has no NaN and feature f may be null',
  ])
  expect(problemsOf(compile('{ type: Int, nullable: true }', ', fill: 0.5'))).toEqual([
    'input x of the graph: fill must become a number that int32 holds, got 0.5, which becomes 0.5',
  ])
  expect(errorsOf(compile('{ type: Int }', '')(), [2 ** 31 - 1, 2 ** 31])).toEqual([
    null,
    'm@1: feature f: must become a number that int32 holds, got 2147483648',
  ])
})

test('log1p: ln(1 + value), scaled after; -1 and below have none', () => {
  const model = preprocessing(
    'float32[batch]',
    '{ f: { type: Float, nullable: true } }',
    '{ log1p: f, fill: 0, scale: 2 }',
  )
  expect(built(model, [[Math.E - 1], [null]]).data).toEqual(new Float32Array([0.5, 0]))
  expect(errorsOf(model, [-1, -2])).toEqual([
    'm@1: feature f: must be above -1 for log1p, got -1',
    'm@1: feature f: must be above -1 for log1p, got -2',
  ])
})

test('clip: brings the value within bounds', () => {
  const model = preprocessing(
    'float32[batch]',
    '{ f: { type: Float } }',
    '{ clip: f, to: [18, 90], offset: 18, scale: 72 }',
  )
  expect(built(model, [[5], [54], [3e38]]).data).toEqual(new Float32Array([0, 0.5, 1]))
})

test('bucketize: a column per interval, a boundary belongs to the upper one, null is none', () => {
  const model = preprocessing(
    'float32[batch,3]',
    '{ f: { type: Float, nullable: true } }',
    '{ bucketize: f, boundaries: [25, 40] }',
  )
  expect([...(built(model, [[24.9], [25], [99], [null]]).data as Float32Array)]).toEqual([
    1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
  ])
})

test('bucketize: yield: index counts the intervals from 0', () => {
  const model = preprocessing(
    'int64[batch,1]',
    '{ f: { type: Float, nullable: true } }',
    '{ bucketize: f, boundaries: [25, 40], yield: index, fill: 30 }',
  )
  expect(built(model, [[1], [40], [null]])).toEqual({
    type: 'int64',
    dims: [3, 1],
    data: BigInt64Array.from([0n, 2n, 1n]),
  })
})

test('multiHot: order, repeats and unlisted values change nothing; null is an empty list', () => {
  const model = preprocessing(
    'float32[batch,3]',
    '{ g: { type: "[String!]", nullable: true } }',
    '{ multiHot: g, categories: [Action, Drama, War], unknown: zero }',
  )
  expect([...(built(model, [[['War', 'x', 'Action', 'War']], [[]], [null]]).data as Float32Array)]).toEqual([
    1, 0, 1, 0, 0, 0, 0, 0, 0,
  ])
})

test('oneHot: unknown may be an error, no category or a column of its own', () => {
  const compile = (unknown: string) =>
    preprocessing(
      'float32[batch,2]',
      '{ j: { type: String, nullable: true } }',
      `{ oneHot: j, categories: [a, b]${unknown} }`,
    )
  expect(errorsOf(compile(''), ['a', 'c', null])).toEqual([
    null,
    'm@1: feature j: must be one of a, b, got "c"',
    null,
  ])
  expect(built(compile(', unknown: zero'), [['b'], ['c']]).data).toEqual(new Float32Array([0, 1, 0, 0]))
  expect(built(compile(', unknown: 1'), [['c'], [null]]).data).toEqual(new Float32Array([0, 1, 0, 0]))
  expect(problemsOf(() => compile(', unknown: 2'))).toEqual([
    'model.yaml:5: preprocess.x.unknown: must be the number of a column, counted from 0, got 2',
  ])
})

test('oneHot: categories are compared as text, so numbers and Booleans are categories too', () => {
  const features = '{ n: { type: Int }, b: { type: Boolean } }'
  const steps = '[{ oneHot: n, categories: [7, 8] }, { oneHot: b, categories: [true, false] }]'
  const model = preprocessing('uint8[batch,4]', features, steps)
  expect(built(model, [[8, true]]).data).toEqual(new Uint8Array([0, 1, 1, 0]))
})

test('vector: the list as it is; its width is a demand on each row', () => {
  const model = preprocessing(
    'float32[batch,2]',
    '{ v: { type: "[Float!]", nullable: true } }',
    '{ vector: v, length: 2 }',
  )
  expect(built(model, [[[1, 2]], [null]]).data).toEqual(new Float32Array([1, 2, Number.NaN, Number.NaN]))
  expect(errorsOf(model, [[1, 2, 3]])).toEqual(['m@1: feature v: must have 2 items, got [1,2,3]'])
})

test.each([
  ['float32', new Float32Array([1, 0, 1, 1])],
  ['int64', new BigInt64Array([1n, 0n, 1n, 1n])],
])('vector: Booleans are 0 and 1 in %s', (type, data) => {
  const model = preprocessing(`${type}[batch,2]`, '{ v: { type: "[Boolean!]", length: 2 } }', '{ vector: v }')
  expect(built(model, [[[true, false]], [[true, true]]]).data).toEqual(data)
})

test('vector: offset and scale are of each item, and null becomes the fill brought through them', () => {
  const model = preprocessing(
    'float32[batch,2]',
    '{ v: { type: "[Float!]", length: 2, nullable: true } }',
    '{ vector: v, offset: 1, scale: 2, fill: 5 }',
  )
  expect(built(model, [[[1, 3]], [null]]).data).toEqual(new Float32Array([0, 1, 2, 2]))
})

test('index: an id that comes row after row, and another one between', () => {
  const model = preprocessing(
    'int32[batch]',
    '{ id: { type: ID, nullable: true } }',
    '{ index: id, vocabulary: v, unknown: 2 }',
    'vocabularies: { v: [a, b] }',
  )
  expect(built(model, [['a'], ['a'], [null], ['b'], ['a'], ['x'], ['b']]).data).toEqual(
    new Int32Array([0, 0, 2, 1, 0, 2, 1]),
  )
})

test('steps side by side fill one tensor in their order', () => {
  const features = '{ g: { type: "[String!]" }, y: { type: Int } }'
  const model = preprocessing(
    'float32[batch,3]',
    features,
    '[{ multiHot: g, categories: [A, B], unknown: zero }, { number: y }]',
  )
  expect(
    built(model, [
      [['B'], 5],
      [['A', 'B'], 6],
    ]),
  ).toEqual({
    type: 'float32',
    dims: [2, 3],
    data: new Float32Array([0, 1, 5, 1, 1, 6]),
  })
})

const vocabulary = 'vocabularies: { v: [30, "x", 10] }'

test('index: the place in the vocabulary by text, from `first` on', () => {
  const model = preprocessing(
    'int64[batch]',
    '{ id: { type: ID, nullable: true } }',
    '{ index: id, vocabulary: v, first: 1, unknown: 0 }',
    vocabulary,
  )
  const rows = [[30], ['30'], ['x'], [10], [999_999_999], [-1], ['constructor'], [null]]
  expect(built(model, rows).data).toEqual(BigInt64Array.from([1n, 1n, 2n, 3n, 0n, 0n, 0n, 0n]))
})

test('index: null is no entry, even where the vocabulary has the word null', () => {
  const model = preprocessing(
    'int64[batch]',
    '{ id: { type: ID, nullable: true } }',
    '{ index: id, vocabulary: v, first: 1, unknown: 0 }',
    'vocabularies: { v: ["null"] }',
  )
  expect(built(model, [[null], ['null']]).data).toEqual(BigInt64Array.from([0n, 1n]))
})

test('index: with unknown: error an id outside the vocabulary is refused, null too', () => {
  const model = preprocessing(
    'int32[batch,1]',
    '{ id: { type: ID, nullable: true } }',
    '{ index: id, vocabulary: v }',
    vocabulary,
  )
  expect(errorsOf(model, ['x', 'y', null])).toEqual([
    null,
    'm@1: feature id: must be in vocabulary v, got "y"',
    'm@1: feature id: must be in vocabulary v, got null',
  ])
})

test('index: nothing that could lie outside the vocabulary gets past compiling', () => {
  const compile = (tensor: string, options: string) => () =>
    preprocessing(tensor, '{ id: { type: ID } }', `{ index: id, vocabulary: v${options} }`, vocabulary)
  expect(built(compile('int64[batch]', ', first: 0, unknown: 3')(), [['y']]).data).toEqual(
    BigInt64Array.from([3n]),
  )
  expect(problemsOf(compile('int64[batch]', ', unknown: 4'))).toEqual([
    'input x of the graph: unknown must be an index from 0 to 3, got 4',
  ])
  expect(problemsOf(compile('int8[batch]', ', first: 126, unknown: 0'))).toEqual([
    'input x of the graph: must have indexes that int8 holds, got up to 128',
  ])
  expect(problemsOf(compile('float32[batch]', ''))).toEqual([
    'input x of the graph: must fill whole numbers such as int64, got float32',
  ])
})

const history = `
vocabularies: { v: [5, 6] }
features: { h: { type: "[ID!]", nullable: true } }
preprocess:
  list: { indexList: h, vocabulary: v, first: 1, unknown: 0 }
  mask: { mask: h }
postprocess: { y: { column: y } }
`

test('indexList and mask are padded to the batch’s longest list; the mask counts unknown entries', () => {
  const model = modelOf(
    history,
    signature(['list int64[batch,n]', 'mask float32[batch,n]'], ['y float32[batch]']),
  )
  const { columns } = validated(model, [[[6, 'none']], [[]], [null], [[5]]])
  const { list, mask } = model.preprocess(columns, 4)
  expect(list).toEqual({
    type: 'int64',
    dims: [4, 2],
    data: BigInt64Array.from([2n, 0n, 0n, 0n, 0n, 0n, 1n, 0n]),
  })
  expect(mask).toEqual({ type: 'float32', dims: [4, 2], data: new Float32Array([1, 1, 0, 0, 0, 0, 1, 0]) })
})

test('padded tensors are at least one column wide', () => {
  const model = modelOf(
    history,
    signature(['list int64[batch,n]', 'mask int64[batch,n]'], ['y float32[batch]']),
  )
  const { list, mask } = model.preprocess(validated(model, [[[]]]).columns, 1)
  expect(list.dims).toEqual([1, 1])
  expect(mask).toEqual({ type: 'int64', dims: [1, 1], data: BigInt64Array.from([0n]) })
})

test('a fixed width of the graph is padded to, and no row may have more', () => {
  const model = modelOf(
    history,
    signature(['list int32[batch,3]', 'mask bool[batch,3]'], ['y float32[batch]']),
  )
  const { list, mask } = model.preprocess(validated(model, [[[5]]]).columns, 1)
  expect(list).toEqual({ type: 'int32', dims: [1, 3], data: new Int32Array([1, 0, 0]) })
  expect(mask).toEqual({ type: 'bool', dims: [1, 3], data: new Uint8Array([1, 0, 0]) })
  expect(errorsOf(model, [[5, 5, 5, 5]])).toEqual([
    'm@1: feature h: must have at most 3 items, got ["5","5","5","5"]',
  ])
})

test('identity is what preprocess reads, not what only postprocess reads', () => {
  const model = modelOf(
    `
vocabularies: { v: [5, 6] }
features: { limit: { type: Int }, h: { type: "[ID!]" }, skip: { type: "[ID!]" } }
preprocess: { list: { indexList: h, vocabulary: v, unknown: 0 } }
postprocess:
  ids: { lookup: ids, vocabulary: v }
  items: { records: { id: ids }, exclude: { id: skip }, limit: limit }
`,
    signature(['list int64[batch,n]'], ['ids int64[batch,2]']),
  )
  expect(model.identity).toEqual([1])
})

test('an empty batch is never built', () => {
  const model = preprocessing('float32[batch]', '{ f: { type: Int } }', '{ number: f }')
  expect(() => model.preprocess([[]], 0)).toThrow('a batch has at least one row')
})

test('text: the value itself, whole numbers as digits, null as fill', () => {
  const features =
    '{ job: { type: String, nullable: true }, zip: { type: Int }, plan: { type: enum, labels: [FREE, PAID] } }'
  const model = preprocessing(
    'string[batch,3]',
    features,
    '[{ text: job, fill: "" }, { text: zip }, { text: plan }]',
  )
  expect(
    built(model, [
      ['smith', 8001, 'FREE'],
      [null, -1, 'PAID'],
    ]),
  ).toEqual({ type: 'string', dims: [2, 3], data: ['smith', '8001', 'FREE', '', '-1', 'PAID'] })
  const one = preprocessing('string[batch]', '{ job: { type: String } }', '{ text: job }')
  expect(built(one, [['a'], ['b']])).toEqual({ type: 'string', dims: [2], data: ['a', 'b'] })
})

test.each([
  [
    'string[batch,1]',
    '{ type: String, nullable: true }',
    '{ text: f }',
    /needs fill, since no text stands for null and feature f may be null/,
  ],
  ['string[batch,2]', '{ type: String }', '{ text: f }', /must be 2 wide, got 1 columns/],
  ['float32[batch,1]', '{ type: String }', '{ text: f }', /must be a tensor of text, got float32/],
  ['string[batch,1]', '{ type: Int }', '{ number: f }', /must be a tensor of numbers, got string/],
  [
    'string[batch,1]',
    '{ type: Float }',
    '{ text: f }',
    /must be ID, String, enum or Int, got f, which is Float/,
  ],
])('text: %s of %s by %s is refused', (tensor, feature, step, problem) => {
  expect(problemsOf(() => preprocessing(tensor, `{ f: ${feature} }`, step)).join()).toMatch(problem)
})

test('text: categories are the texts that rows may have, and warm-ups are of', () => {
  const model = preprocessing(
    'string[batch]',
    '{ f: { type: String, nullable: true } }',
    '{ text: f, fill: none, categories: [free, 1, none] }',
  )
  expect(errorsOf(model, ['free', '1', null, 'paid'])).toEqual([
    null,
    null,
    null,
    'm@1: feature f: must be one of free, 1, none, got "paid"',
  ])
  const required = preprocessing(
    'string[batch]',
    '{ f: { type: String } }',
    '{ text: f, categories: [free] }',
  )
  expect(required.samples).toEqual({ f: 'free' })
})

test('text: what the runtime would change is refused', () => {
  const model = preprocessing('string[batch]', '{ f: { type: String } }', '{ text: f }')
  expect(errorsOf(model, ['a', 'a\0b', 'a\ud800b', 'b\udc00', 'a\u{1f600}b'])).toEqual([
    null,
    expect.stringContaining('feature f: must not hold the character U+0000, got "a\\u0000b"'),
    expect.stringContaining('feature f: must not hold half of a surrogate pair, got "a\\ud800b"'),
    expect.stringContaining('feature f: must not hold half of a surrogate pair, got "b\\udc00"'),
    null,
  ])
})

test.each([
  ['"a\\0b"', '', 'must not hold the character U+0000, got "a\\u0000b"'],
  ['"a\\uD800b"', '', 'must not hold half of a surrogate pair, got "a\\ud800b"'],
  ['""', ', categories: [free, 1]', 'must be one of free, 1, got ""'],
  ['x', ', categories: [free, ""]', 'must be one of free, "", got "x"'],
])('text: fill %s%s is refused, as such a feature is', (fill, categories, problem) => {
  const step = `{ text: f, fill: ${fill}${categories} }`
  const compile = () => preprocessing('string[batch]', '{ f: { type: String, nullable: true } }', step)
  expect(problemsOf(compile)).toEqual([`model.yaml:5: preprocess.x.fill: ${problem}`])
})

test.each([
  [
    'string[batch]',
    '{ type: String, default: "a\\0b" }',
    '{ text: f }',
    'must not hold the character U+0000, got "a\\u0000b"',
  ],
  [
    'float32[batch,1]',
    '{ type: Int, default: 2 }',
    '{ oneHot: f, categories: [1] }',
    'must be one of 1, got 2',
  ],
  [
    'float32[batch,1]',
    '{ type: "[ID!]", default: [b] }',
    '{ multiHot: f, categories: [a] }',
    'item 0 must be one of a, got ["b"]',
  ],
])('a default that a step refuses is refused: %s of %s by %s', (tensor, feature, step, problem) => {
  expect(problemsOf(() => preprocessing(tensor, `{ f: ${feature} }`, step))).toEqual([
    `features.f.default: ${problem}`,
  ])
})
