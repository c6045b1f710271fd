import type { Model } from '../../../models/contracts/model'
import { printType } from '../../../models/types/parseType'
import type { Tensor } from '../../../models/types/tensor'
import { messages, modelOf, problemsOf, signature, tensor } from '../support'

/** A model that only postprocesses. Its feature `n` fills the graph's input; `features` come after. */
function postprocessing(outputs: readonly string[], steps: string, features = '', vocabularies = ''): Model {
  return modelOf(
    `features:\n  n: { type: Int, default: 0 }\n${features}\npreprocess: { x: { number: n } }\npostprocess:\n${steps}\n${vocabularies}`,
    signature(['x float32[batch]'], outputs),
  )
}

function answers(
  model: Model,
  tensors: Readonly<Record<string, Tensor>>,
  wanted: readonly string[],
  columns: readonly (readonly unknown[])[] = [],
  tensorRow?: Int32Array,
) {
  const rows = tensorRow?.length ?? Object.values(tensors)[0].dims[0]
  const { outputs, errors } = model.postprocess(tensors, columns, rows, wanted, tensorRow)
  return { outputs, errors: messages(errors) }
}

function typesOf(model: Model): Record<string, string> {
  return Object.fromEntries(model.outputs.map(({ name, type }) => [name, printType(type)]))
}

test('types follow from step, vocabulary and signature', () => {
  const model = postprocessing(
    [
      'p float32[batch]',
      'one float32[batch,1]',
      'many float32[batch,3]',
      'ids int64[batch,3]',
      'id int32[batch]',
      'is bool[batch]',
    ],
    `
  p: { column: p }
  one: { column: one }
  many: { column: many }
  second: { column: many, item: 1 }
  count: { column: id }
  counts: { column: ids }
  is: { column: is }
  id: { lookup: id, vocabulary: v }
  ids: { lookup: ids, vocabulary: v }
  words: { lookup: ids, vocabulary: v, type: String }
  soft: { softmax: many }
  best: { argMax: many }
  named: { argMax: many, labels: [A, B, C] }
  label: { label: p, labels: [LOW, HIGH], from: [0.5] }
  title: { entity: Title, of: id }
  titles: { entity: Title, of: ids }
  items: { records: { title: { entity: Title, of: ids }, score: many } }
`,
    '',
    'vocabularies: { v: [1, 2] }',
  )
  expect(typesOf(model)).toEqual({
    p: 'Float',
    one: 'Float',
    many: '[Float!]',
    second: 'Float',
    count: 'Int',
    counts: '[Int!]',
    is: 'Boolean',
    id: 'ID',
    ids: '[ID!]',
    words: '[String!]',
    soft: '[Float!]',
    best: 'Int',
    named: 'A | B | C',
    label: 'LOW | HIGH',
    title: 'Title',
    titles: '[Title!]',
    items: '[{ title: Title, score: Float }]',
  })
})

const payment = `
  probability: { column: p }
  decision: { label: probability, labels: [APPROVE, REVIEW, DECLINE], from: [0.3, 0.6] }
  unused: { column: q }
`

test('label: each label begins at its threshold', () => {
  const model = postprocessing(['p float64[batch]', 'q float32[batch]'], payment)
  const p: Tensor = { type: 'float64', dims: [5], data: new Float64Array([0, 0.29, 0.3, 0.6, 1]) }
  expect(answers(model, { p }, ['decision']).outputs).toEqual({
    decision: ['APPROVE', 'APPROVE', 'REVIEW', 'DECLINE', 'DECLINE'],
  })
})

test('a NaN or infinite number, or a label made of one, is BAD_OUTPUT for its row alone', () => {
  const model = postprocessing(['p float32[batch]', 'q float32[batch]'], payment)
  const p = tensor('float32', [3], [Number.NaN, 0.1, Infinity])
  expect(answers(model, { p }, ['decision', 'probability'])).toEqual({
    outputs: { decision: [null, 'APPROVE', null], probability: [null, Math.fround(0.1), null] },
    errors: [
      'm@1: output probability: must be a finite number, got NaN',
      null,
      'm@1: output probability: must be a finite number, got Infinity',
    ],
  })
  const { errors } = model.postprocess({ p }, [], 3, ['decision'])
  expect(errors?.map((error) => error?.code)).toEqual(['BAD_OUTPUT', undefined, 'BAD_OUTPUT'])
})

test('an output that nobody asked for is not built: its tensor may even be missing', () => {
  const model = postprocessing(['p float32[batch]', 'q float32[batch]'], payment)
  const { outputs, errors } = answers(model, { p: tensor('float32', [1], [0.5]) }, ['decision'])
  expect(outputs).toEqual({ decision: ['REVIEW'] })
  expect(errors).toBeUndefined()
})

test('answer row i reads row tensorRow[i] of the tensors', () => {
  const model = postprocessing(['p float32[batch,2]'], '  p: { column: p }')
  const p = tensor('float32', [2, 2], [1, 2, 3, 4])
  expect(answers(model, { p }, ['p'], [], new Int32Array([1, 0, 1])).outputs).toEqual({
    p: [
      [3, 4],
      [1, 2],
      [3, 4],
    ],
  })
})

test('int64 values come out as numbers; one that no number holds exactly is BAD_OUTPUT', () => {
  const model = postprocessing(['c int64[batch]'], '  c: { column: c }')
  const c = tensor('int64', [5], [0n, -1n, 2n ** 40n, -(2n ** 40n) - 1n, 2n ** 60n + 1n])
  const problem = 'must be a whole number from -(2^53 - 1) to 2^53 - 1, got 1152921504606846977'
  expect(answers(model, { c }, ['c'])).toEqual({
    outputs: { c: [0, -1, 2 ** 40, -(2 ** 40) - 1, null] },
    errors: [null, null, null, null, `m@1: output c: ${problem}`],
  })
})

test('a list, an item, the highest and an index of such values name the one that no number holds exactly', () => {
  const model = postprocessing(
    ['l uint64[batch,2]'],
    '  list: { column: l }\n  item: { column: l, item: 1 }\n  best: { argMax: l }\n  entry: { lookup: l, vocabulary: v }',
    '',
    'vocabularies: { v: [1, 2] }',
  )
  const l: Tensor = { type: 'uint64', dims: [1, 2], data: new BigUint64Array([0n, 2n ** 64n - 1n]) }
  const errorOf = (name: string) => answers(model, { l }, [name]).errors?.[0]
  const range = 'from -(2^53 - 1) to 2^53 - 1, got 18446744073709551615'
  expect(errorOf('list')).toBe(`m@1: output list: must be a whole number ${range}`)
  expect(errorOf('item')).toBe(`m@1: output item: must be a whole number ${range}`)
  expect(errorOf('best')).toBe(`m@1: output best: must be made of whole numbers ${range}`)
  expect(errorOf('entry')).toBe(
    'm@1: output entry: must be an index of vocabulary v, 0 to 1, got 18446744073709551615',
  )
})

test('sigmoid, softmax and argMax', () => {
  const model = postprocessing(
    ['z float32[batch,3]', 'l float32[batch]', 'b bool[batch]'],
    `
  s: { sigmoid: l }
  p: { softmax: z }
  second: { softmax: z, item: 1 }
  best: { argMax: z }
  name: { argMax: z, labels: [A, B, C] }
  flag: { column: b }
`,
  )
  const z = tensor('float32', [3, 3], [1000, 1000, 0, 0, 0, 0, 0, Number.NaN, 1])
  const l = tensor('float32', [3], [0, -1000, 1000])
  const b = tensor('bool', [3], [0, 1, 1])
  const { outputs, errors } = answers(model, { z, l, b }, ['s', 'p', 'second', 'best', 'name', 'flag'])
  expect(outputs).toEqual({
    s: [0.5, 0, 1],
    p: [[0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3], null],
    second: [0.5, 1 / 3, null],
    best: [0, 0, null],
    name: ['A', 'A', null],
    flag: [false, true, true],
  })
  expect(errors).toEqual([null, null, 'm@1: output p: must be a finite number, got NaN'])
})

test('argMax has no answer where one of the numbers is not finite', () => {
  const model = postprocessing(['z float32[batch,2]'], '  name: { argMax: z, labels: [A, B] }')
  const z = tensor('float32', [3, 2], [0, -Infinity, 1, 2, Number.NaN, 0])
  const { outputs, errors } = answers(model, { z }, ['name'])
  expect(outputs).toEqual({ name: [null, 'B', null] })
  expect(errors).toEqual([
    'm@1: output name: must be made of finite numbers, got -Infinity',
    null,
    'm@1: output name: must be made of finite numbers, got NaN',
  ])
})

test('lookup yields the vocabulary’s own entries; an index outside it fails its row', () => {
  const model = postprocessing(
    ['t int64[batch,2]'],
    '  ids: { lookup: t, vocabulary: v, first: 1 }',
    '',
    'vocabularies: { v: [318, "x"] }',
  )
  const t = tensor('int64', [4, 2], [1n, 2n, 2n, 0n, 3n, 1n, 1n, -1n])
  expect(answers(model, { t }, ['ids'])).toEqual({
    outputs: { ids: [[318, 'x'], null, null, null] },
    errors: [
      null,
      'm@1: output ids: must be an index of vocabulary v, 1 to 2, got 0',
      'm@1: output ids: must be an index of vocabulary v, 1 to 2, got 3',
      'm@1: output ids: must be an index of vocabulary v, 1 to 2, got -1',
    ],
  })
})

const recommender = () =>
  postprocessing(
    ['titles int64[batch,3]', 'scores float32[batch,3]'],
    `
  titleIds: { lookup: titles, vocabulary: v, first: 1 }
  scores: { column: scores }
  items: { records: { title: { entity: Title, of: titleIds }, score: scores }, exclude: { title: skip }, limit: limit }
`,
    '  skip: { type: "[ID!]", nullable: true, default: [] }\n  limit: { type: Int, nullable: true }',
    'vocabularies: { v: [10, 20, 30] }',
  )

const top = {
  titles: tensor('int64', [1, 3], [3n, 1n, 2n]),
  scores: tensor('float32', [1, 3], [0.5, 0.25, 0.125]),
}

function itemsFor(skip: unknown, limit: unknown) {
  const model = recommender()
  const { columns } = model.validate([[0], [skip], [limit]], 1)
  return answers(model, top, ['items'], columns).outputs.items[0]
}

test('records zip lists, stubs have ids as text', () => {
  expect(itemsFor([], null)).toEqual([
    { title: { __typename: 'Title', id: '30' }, score: 0.5 },
    { title: { __typename: 'Title', id: '10' }, score: 0.25 },
    { title: { __typename: 'Title', id: '20' }, score: 0.125 },
  ])
})

test('exclude compares ids as text, unknown ids do nothing, and limit counts what is left', () => {
  expect(itemsFor([30, 'nowhere'], 1)).toEqual([{ title: { __typename: 'Title', id: '10' }, score: 0.25 }])
  expect(itemsFor(['30', '10'], 5)).toEqual([{ title: { __typename: 'Title', id: '20' }, score: 0.125 }])
  expect(itemsFor(null, 0)).toEqual([])
})

test('a negative limit is refused when the row is validated', () => {
  const { errors } = recommender().validate([[0], [[]], [-1]], 1)
  expect(messages(errors)).toEqual(['m@1: feature limit: must not be negative, got -1'])
})

test('records of a failed list fail with it, once', () => {
  const tensors = { ...top, scores: tensor('float32', [1, 3], [0.5, Number.NaN, 0.125]) }
  expect(answers(recommender(), tensors, ['items', 'scores', 'titleIds'], [[0], [[]], [null]])).toEqual({
    outputs: { items: [null], scores: [null], titleIds: [[30, 10, 20]] },
    errors: ['m@1: output scores: must be a finite number, got NaN'],
  })
})

test('records of lists of unequal length fail their rows', () => {
  const model = postprocessing(
    ['a float32[batch,n]', 'b float32[batch,m]'],
    '  a: { column: a }\n  b: { column: b }\n  items: { records: { a: a, b: b } }',
  )
  const tensors = { a: tensor('float32', [1, 2], [1, 2]), b: tensor('float32', [1, 1], [1]) }
  expect(answers(model, tensors, ['items']).errors).toEqual([
    'm@1: output items: must be made from lists of equal length, got [2,1]',
  ])
})

test('records made of an entity output exclude by its ids', () => {
  const model = postprocessing(
    ['t int64[batch,2]'],
    `
  ids: { lookup: t, vocabulary: v }
  titles: { entity: Title, of: ids }
  items: { records: { title: titles }, exclude: { title: skip } }
`,
    '  skip: { type: ID }',
    'vocabularies: { v: [10, 20] }',
  )
  const t = tensor('int64', [1, 2], [0n, 1n])
  expect(answers(model, { t }, ['items'], [[0], ['10']]).outputs.items).toEqual([
    [{ title: { __typename: 'Title', id: '20' } }],
  ])
})

test.each([
  ['p: { column: nowhere }', 'postprocess.p: must read an output of the graph (f, l, i), got nowhere'],
  ['p: { column: l, item: 3 }', 'postprocess.p: item must be below 3, the width of l, got 3'],
  ['p: { column: f, item: 1 }', 'postprocess.p: item must be 0 where a row has one value, got 1'],
  ['p: { softmax: f }', 'postprocess.p: must read a list, got one value a row from f'],
  ['p: { sigmoid: i }', 'postprocess.p: must read floating point, got int64 from i'],
  ['p: { argMax: l, labels: [A, B] }', 'postprocess.p: labels must be 3, one per number of l, got 2'],
  [
    '{ p: { column: l }, q: { label: p, labels: [A], from: [] } }',
    'postprocess.q: must read a number, got p, which is [Float!]',
  ],
  ['{ p: { column: i }, q: { entity: T, of: p } }', 'postprocess.q: must read ids, got p, which is Int'],
  ['{ p: { column: f }, q: { records: { a: p } } }', 'postprocess.q: must zip lists, got p, which is Float'],
])('%s is refused against the graph', (steps, problem) => {
  const inBraces = steps.startsWith('{') ? steps : `{ ${steps} }`
  const graph = ['f float32[batch]', 'l float32[batch,3]', 'i int64[batch]']
  expect(problemsOf(() => postprocessing(graph, `  ${inBraces}`))).toEqual([`${problem}`])
})

test('lookup of a tensor that holds no whole numbers is refused', () => {
  const steps = '  p: { lookup: f, vocabulary: v }'
  expect(
    problemsOf(() => postprocessing(['f float32[batch]'], steps, '', 'vocabularies: { v: [1] }')),
  ).toEqual(['postprocess.p: must read whole numbers such as int64, got float32 from f'])
})

/** Of a classifier as its exporter writes it: a label, and probabilities whose classes the graph names. */
function classifying(classes: readonly (string | number)[] | undefined, steps: string): Model {
  const { inputs, outputs } = signature(
    ['x float32[batch]'],
    ['label string[batch]', `p float32[batch,${classes?.length ?? 2}]`],
  )
  return modelOf(`features: { n: { type: Int } }\npreprocess: { x: { number: n } }\npostprocess:\n${steps}`, {
    inputs,
    outputs: [outputs[0], { ...outputs[1], ...(classes && { classes }) }],
  })
}

const classified = {
  label: { type: 'string', dims: [3], data: ['no', 'yes', 'maybe'] },
  p: tensor('float32', [3, 2], [0.75, 0.25, 0.5, 0.5, 0.25, 0.75]),
} as const

test('the probability of a class is taken by its label, and the label of the likeliest is the graph’s', () => {
  const model = classifying(
    ['no', 'yes'],
    '  yes: { column: p, class: yes }\n  no: { column: p, item: 0 }\n  best: { argMax: p }\n  named: { argMax: p, labels: [A, B] }',
  )
  expect(typesOf(model)).toEqual({ yes: 'Float', no: 'Float', best: 'String', named: 'A | B' })
  expect(answers(model, classified, ['yes', 'no', 'best', 'named'])).toEqual({
    outputs: {
      yes: [0.25, 0.5, 0.75],
      no: [0.75, 0.5, 0.25],
      best: ['no', 'no', 'yes'],
      named: ['A', 'A', 'B'],
    },
    errors: undefined,
  })
})

test('labels of classes are compared as text, and stay numbers where all of them are', () => {
  const model = classifying([-1, 1], '  one: { column: p, class: "-1" }\n  best: { argMax: p }')
  expect(typesOf(model)).toEqual({ one: 'Float', best: 'Int' })
  expect(answers(model, classified, ['one', 'best']).outputs).toEqual({
    one: [0.75, 0.5, 0.25],
    best: [-1, -1, 1],
  })
})

test('texts of the graph are an output as they are, or an enum whose labels they must be', () => {
  const model = classifying(
    undefined,
    '  text: { column: label }\n  word: { column: label, labels: [no, yes] }',
  )
  expect(typesOf(model)).toEqual({ text: 'String', word: 'no | yes' })
  expect(answers(model, classified, ['text', 'word'])).toEqual({
    outputs: { text: ['no', 'yes', 'maybe'], word: ['no', 'yes', null] },
    errors: [null, null, 'm@1: output word: must be one of no, yes, got "maybe"'],
  })
  expect(answers(model, classified, ['text'], [], Int32Array.of(2, 0))).toEqual({
    outputs: { text: ['maybe', 'no'] },
    errors: undefined,
  })
})

test('a list of texts is a list, and item takes one of them', () => {
  const model = postprocessing(
    ['t string[batch,2]'],
    '  all: { column: t }\n  second: { column: t, item: 1 }\n  known: { column: t, labels: [a, b, c] }',
  )
  expect(typesOf(model)).toEqual({ all: '[String!]', second: 'String', known: '[(a | b | c)!]' })
  const t: Tensor = { type: 'string', dims: [2, 2], data: ['a', 'b', 'c', 'd'] }
  expect(answers(model, { t }, ['all', 'second', 'known'])).toEqual({
    outputs: {
      all: [
        ['a', 'b'],
        ['c', 'd'],
      ],
      second: ['b', 'd'],
      known: [['a', 'b'], null],
    },
    errors: [null, 'm@1: output known: must be one of a, b, c, got "d"'],
  })
})

test.each([
  ['y: { column: p, class: perhaps }', 'class must be one of no, yes, got perhaps'],
  ['y: { column: p, labels: [no, yes] }', 'labels must be for text, got float32 from p'],
  ['y: { softmax: label }', 'must read numbers, got text from label'],
  ['y: { argMax: label }', 'must read numbers, got text from label'],
  ['y: { column: label, item: 1 }', 'item must be 0 where a row has one value, got 1'],
  [
    'y: { column: label, class: no }',
    'class needs labels, which the graph does not have for label; use item',
  ],
])('%s is refused', (step, problem) => {
  expect(problemsOf(() => classifying(['no', 'yes'], `  ${step}`))).toEqual([`postprocess.y: ${problem}`])
})

test('class beside item is refused', () => {
  expect(problemsOf(() => classifying(['no', 'yes'], '  y: { column: p, class: no, item: 0 }'))).toEqual([
    expect.stringContaining('postprocess.y.class: must not be combined with item'),
  ])
})
