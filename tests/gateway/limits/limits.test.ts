import { federate, linkPredict, places } from '../federate'

function limited() {
  return federate(
    {
      a: {
        typeDefs: `${linkPredict}
          scalar JSON
          input Basket { items: [Item!] }
          input Item { tags: [String!] price: Float }
          type Query {
            titles(ids: [ID!]): [Title]
            buy(basket: Basket, count: Int): Int
            try(features: [JSON!]!): Int
            score: Float @predict(objective: "SCORE")
            node: Node
          }
          type Node { id: ID next: Node }
          type Title { id: ID! rating(memberId: ID): Float @predict(objective: "RATING") }`,
        resolvers: {
          Query: { titles: () => [], buy: () => 1, try: () => 1, score: () => 1, node: () => null },
        },
      },
    },
    { limits: { predictionAliases: 3, listLength: 3, fields: 20, rootFields: 4, depth: 4, directives: 3 } },
  )
}

const rating = (n: number) => Array.from({ length: n }, (_, i) => `r${i}: rating(memberId: ${i})`).join(' ')

describe('prediction fields in one operation', () => {
  test('up to the limit pass', async () => {
    expect(await limited().query(`{ titles { ${rating(3)} } }`)).toEqual({ data: { titles: [] } })
  })

  test.each([
    ['written out', `{ titles { ${rating(4)} } }`, 'query', 4],
    ['at the root too', `query Home { titles { ${rating(3)} } score }`, 'Home', 4],
    [
      'through a fragment that is used twice',
      `{ a: titles { ...R } b: titles { ... on Title { ...R } } } fragment R on Title { ${rating(2)} }`,
      'query',
      4,
    ],
  ])('%s', async (_, text, operation, count) => {
    const federation = limited()
    const answer = await federation.query(text)
    expect(answer.data).toBeUndefined()
    expect(answer.errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
      [
        `${operation}: an operation may have at most 3 prediction fields, got ${count}`,
        { code: 'TOO_MANY_ALIASES', count, maximum: 3 },
      ],
    ])
    expect(federation.sent).toEqual([])
  })
})

describe('the size of an operation', () => {
  const doubling = Array.from(
    { length: 40 },
    (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
  ).join(' ')

  test.each<[string, string, string, number, number]>([
    [
      'a short document that means very many fields',
      `{ ...F0 } ${doubling} fragment F40 on Query { buy }`,
      'fields, including those of its fragments',
      2 ** 40,
      20,
    ],
    [
      'fields at the root',
      '{ a: buy b: buy ...F } fragment F on Query { c: buy d: buy e: buy }',
      'root fields',
      5,
      4,
    ],
    [
      'levels, through fragments',
      `{ node { ...F } } fragment F on Node { next { ... on Node { next { next { id } } } } }`,
      'levels of fields',
      5,
      4,
    ],
    [
      'directives, through fragments',
      '{ buy @skip(if: false) ...F @skip(if: false) } fragment F on Query { a: buy @include(if: true) @skip(if: false) }',
      'directives, including those of its fragments',
      4,
      3,
    ],
  ])('%s', async (_, text, what, count, maximum) => {
    const federation = limited()
    const { data, errors } = await federation.query(text)
    expect(data).toBeUndefined()
    expect(errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
      [
        `query: an operation may have at most ${maximum} ${what}, got ${count}`,
        { code: 'OPERATION_TOO_LARGE', limit: expect.any(String), count, maximum },
      ],
    ])
    expect(federation.sent).toEqual([])
  })

  test('what is just within the limits passes', async () => {
    const text =
      '{ a: buy @skip(if: false) b: buy @skip(if: false) c: buy @skip(if: false) node { next { next { id } } } }'
    expect(await limited().query(text)).toEqual({ data: { a: 1, b: 1, c: 1, node: null } })
  })

  test('an operation and a fragment that is not its own are measured apart', async () => {
    const { errors } = await limited().query(
      'query A { ...F } query B { buy } fragment F on Query { a: buy b: buy c: buy d: buy e: buy }',
    )
    expect(errors?.map(({ message }) => message)).toEqual([
      'A: an operation may have at most 4 root fields, got 5',
    ])
  })
})

test('fragments that nest deeply are no levels of fields, and are answered', async () => {
  const text = `{ ${'... on Query { '.repeat(60)} buy ${'}'.repeat(60)} }`
  expect(await limited().query(text)).toEqual({ data: { buy: 1 } })
})

test('a number that JSON does not have is a literal like others', async () => {
  const federation = limited()
  expect(await federation.query('{ try(features: [1e999]) }')).toEqual({ data: { try: 1 } })
  expect(federation.sent[0].text.replace(/\s+/g, '')).toBe('{try(features:[1e999])}')
})

test('response keys that every object inherits are keys like others; __proto__ is none', async () => {
  const federation = limited()
  expect(
    await federation.query('{ toString: buy constructor: try(features: []) valueOf: __typename }'),
  ).toEqual({
    data: { toString: 1, constructor: 1, valueOf: 'Query' },
  })
  expect(places(await federation.query('{ __proto__: titles { id } }'))).toEqual(['-: BAD_REQUEST'])
  expect(places(await federation.query('query ($constructor: Int) { buy(count: $constructor) }'))).toEqual([])
  expect(places(await federation.query('query ($__proto__: Int) { buy(count: $__proto__) }'))).toEqual([
    '-: BAD_REQUEST',
  ])
})

describe('lists', () => {
  test.each<[string, string, Record<string, unknown> | undefined, string, number]>([
    ['a literal', '{ titles(ids: [1, 2, 3, 4]) { id } }', undefined, 'ids', 4],
    ['a variable', 'query ($x: [ID!]) { titles(ids: $x) { id } }', { x: [1, 2, 3, 4, 5] }, 'ids', 5],
    [
      'in an input object of a variable',
      'query ($b: Basket) { buy(basket: $b) }',
      { b: { items: [{}, { tags: ['a', 'b', 'c', 'd'] }] } },
      'basket.items.tags',
      4,
    ],
    [
      'in an input object of a literal',
      '{ buy(basket: { items: [{}, {}, {}, {}] }) }',
      undefined,
      'basket.items',
      4,
    ],
    [
      'a variable inside a literal',
      'query ($t: [String!]) { buy(basket: { items: { tags: $t } }) }',
      { t: ['a', 'b', 'c', 'd'] },
      'basket',
      4,
    ],
    [
      'the default of a variable',
      'query ($x: [ID!] = [1, 2, 3, 4]) { titles(ids: $x) { id } }',
      undefined,
      '$x',
      4,
    ],
    [
      'in the default of a variable',
      'query ($b: Basket = { items: [{}, {}, {}, {}] }) { buy(basket: $b) }',
      undefined,
      '$b.items',
      4,
    ],
    ['of a custom scalar', 'query ($f: [JSON!]!) { try(features: $f) }', { f: [1, 2, 3, 4] }, 'features', 4],
  ])('%s', async (_, text, variables, argument, length) => {
    const federation = limited()
    const answer = await federation.query(text, variables)
    expect(answer.data).toBeUndefined()
    expect(answer.errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
      [
        `${argument}: a list may have at most 3 entries, got ${length}`,
        { code: 'LIST_TOO_LONG', argument, length, maximum: 3 },
      ],
    ])
    expect(federation.sent).toEqual([])
  })

  test('a list inside a custom scalar is a value, and so is a single value for a list', async () => {
    const federation = limited()
    expect(await federation.query('{ try(features: [{ history: [1, 2, 3, 4, 5] }]) }')).toEqual({
      data: { try: 1 },
    })
    expect(
      await federation.query('query ($f: [JSON!]!, $x: [ID!]) { try(features: $f) titles(ids: $x) { id } }', {
        f: [{ history: [1, 2, 3, 4, 5] }],
        x: 7,
      }),
    ).toEqual({ data: { try: 1, titles: [] } })
  })
})

describe('what is refused by name', () => {
  test.each([
    ['{ titles { id ... @defer { rating } } }', '@defer: not supported', 'NOT_SUPPORTED'],
    ['{ titles @stream(initialCount: 1) { id } }', '@stream: not supported', 'NOT_SUPPORTED'],
    ['subscription { titles { id } }', 'subscription: not supported', 'NOT_SUPPORTED'],
    ['mutation { rate }', 'mutation: this graph has none', 'BAD_REQUEST'],
  ])('%s', async (text, message, code) => {
    const [error] = (await limited().query(text)).errors ?? []
    expect(error.message).toBe(message)
    expect(error.extensions['code']).toBe(code)
  })
})
