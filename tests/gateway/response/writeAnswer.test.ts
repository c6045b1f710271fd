import { GraphQLError } from 'graphql'
import { federate, places } from '../federate'

const petsSubgraphs = {
  a: {
    typeDefs: `
        scalar JSON
        enum Size { SMALL BIG @inaccessible }
        interface Pet { name: String! }
        interface Loud { noise: String }
        type Dog implements Pet & Loud { name: String! noise: String size: Size tricks: [String!] owner: Owner }
        type Cat implements Pet { name: String! lives: Int size: Size }
        type Ghost implements Pet @inaccessible { name: String! }
        union Animal = Dog | Cat
        union Guest = Cat | Ghost
        type Owner { pets: [Pet!] extra: JSON sizes: [Size!] grades: [[Int!]] }
        type Query { pets: [Pet] animals: [Animal] owner: Owner haunted: [Pet] rooms: [Guest] }`,
    resolvers: {
      Query: {
        pets: () => [dog, cat],
        animals: () => [cat, dog],
        owner: () => ({
          pets: [dog],
          extra: { any: [1, { thing: null }] },
          sizes: ['SMALL', 'BIG'],
          grades: [[1, 2], null],
        }),
        rooms: () => [cat, { __typename: 'Ghost', name: 'Boo' }],
        haunted: () => [dog, { __typename: 'Ghost', name: 'Boo' }],
      },
    },
  },
}
const pets = () => federate(petsSubgraphs)

const dog = { __typename: 'Dog', name: 'Rex', noise: 'wuff', size: 'BIG', tricks: ['sit'], owner: {} }
const cat = { __typename: 'Cat', name: 'Tom', lives: 9, size: 'SMALL' }

describe('the answer has the form of the operation', () => {
  test('the order of keys is that of the operation', async () => {
    const { data } = await pets().query(
      '{ owner { grades } ...A pets { name } } fragment A on Query { x: pets { name } }',
    )
    expect(Object.keys(data ?? {})).toEqual(['owner', 'x', 'pets'])
  })

  test.each<[string, string, Record<string, unknown>]>([
    [
      'aliases',
      '{ p: pets { n: name m: name } }',
      {
        p: [
          { n: 'Rex', m: 'Rex' },
          { n: 'Tom', m: 'Tom' },
        ],
      },
    ],
    [
      'fragments, within each other and on interfaces',
      `{ pets { ...A } animals { ... on Loud { noise } } }
       fragment A on Pet { ...B ... on Cat { lives } } fragment B on Pet { name ... on Loud { noise } }`,
      {
        pets: [
          { name: 'Rex', noise: 'wuff' },
          { name: 'Tom', lives: 9 },
        ],
        animals: [{}, { noise: 'wuff' }],
      },
    ],
    [
      '__typename of objects, interfaces, unions and the root, under aliases too',
      '{ t: __typename pets { __typename } animals { kind: __typename } owner { __typename } }',
      {
        t: 'Query',
        pets: [{ __typename: 'Dog' }, { __typename: 'Cat' }],
        animals: [{ kind: 'Cat' }, { kind: 'Dog' }],
        owner: { __typename: 'Owner' },
      },
    ],
    [
      'selections of one key are merged',
      '{ owner { pets { name } } owner { grades } ...A } fragment A on Query { owner { pets { ... on Dog { noise } } } }',
      { owner: { pets: [{ name: 'Rex', noise: 'wuff' }], grades: [[1, 2], null] } },
    ],
    [
      'custom scalars pass through',
      '{ owner { extra } }',
      { owner: { extra: { any: [1, { thing: null }] } } },
    ],
    [
      'an enum value that the public schema lacks is null',
      '{ animals { ... on Cat { size } ... on Dog { big: size } } }',
      { animals: [{ size: 'SMALL' }, { big: null }] },
    ],
    [
      'an object of a type that the public schema lacks is null',
      '{ haunted { __typename name } }',
      { haunted: [{ __typename: 'Dog', name: 'Rex' }, null] },
    ],
    [
      'also where the client asks all objects for the same',
      '{ haunted { name } rooms { ... on Animal { __typename } ... on Pet { name } } }',
      { haunted: [{ name: 'Rex' }, null], rooms: [{ __typename: 'Cat', name: 'Tom' }, null] },
    ],
    [
      'and where a union has lost a type',
      '{ rooms { ... on Cat { name } } }',
      { rooms: [{ name: 'Tom' }, null] },
    ],
  ])('%s', async (_, text, data) => {
    expect(await pets().query(text)).toEqual({ data })
  })

  test('a hidden enum value in a list of non-null ones makes the list null, and says so', async () => {
    const { data, errors } = await pets().query('{ owner { sizes } }')
    expect(data).toEqual({ owner: { sizes: null } })
    expect(errors?.map(({ path }) => path)).toEqual([['owner', 'sizes', 1]])
  })

  test.each([
    [true, { owner: { pets: [{ name: 'Rex' }] } }],
    [false, { owner: { pets: [{ noise: 'wuff' }], grades: [[1, 2], null] } }],
  ])('@skip and @include of %s, also where one key has several uses', async (yes, data) => {
    const text = `query ($yes: Boolean!) {
      owner { pets @include(if: $yes) { name } ...A @skip(if: $yes) }
      pets @include(if: false) { name }
    } fragment A on Owner { pets { ... on Loud { noise } } grades }`
    expect(await pets().query(text, { yes })).toEqual({ data })
  })
})

test('what a subgraph left out is null, also under a key that every object inherits', async () => {
  const federation = federate({
    a: {
      typeDefs: `type Query { thing: Thing list: [Thing!] }
        type Thing { name: String toString: String constructor: [Int] valueOf: String! }`,
      executor: () => ({ execute: async () => ({ data: { thing: {}, list: [{ valueOf: 'here' }, {}] } }) }),
    },
  })
  expect(await federation.query('{ thing { toString constructor hasOwnProperty: name name } }')).toEqual({
    data: { thing: { toString: null, constructor: null, hasOwnProperty: null, name: null } },
  })
  const { data, errors } = await federation.query('{ list { toString: valueOf } }')
  expect(data).toEqual({ list: null })
  expect(errors?.map(({ message, path }) => [message, path])).toEqual([
    ['Cannot return null for non-nullable field Thing.valueOf.', ['list', 1, 'toString']],
  ])
})

describe('questions about the schema are answered here', () => {
  test('__schema and __type alone send nothing', async () => {
    const federation = pets()
    const text =
      '{ __schema { queryType { name } } dog: __type(name: "Dog") { name kind __typename } __typename }'
    expect(await federation.query(text)).toEqual({
      data: {
        __schema: { queryType: { name: 'Query' } },
        dog: { name: 'Dog', kind: 'OBJECT', __typename: '__Type' },
        __typename: 'Query',
      },
    })
    expect(federation.sent).toEqual([])
  })

  test('mixed with data, through fragments and with variables', async () => {
    const federation = pets()
    const text = `query Mixed($name: String!, $no: Boolean = false) { ...A pets { ...P } }
      fragment A on Query { __type(name: $name) { ...T } animals @include(if: $no) { ... on Dog { name } } }
      fragment T on __Type { fields { name } }
      fragment P on Pet { name }`
    expect(await federation.query(text, { name: 'Cat' })).toEqual({
      data: {
        __type: { fields: [{ name: 'name' }, { name: 'lives' }, { name: 'size' }] },
        pets: [{ name: 'Rex' }, { name: 'Tom' }],
      },
    })
    expect(federation.sent).toHaveLength(1)
    expect(federation.sent[0].text).not.toContain('__type(')
  })

  test('they count for the size of an answer before it is made', async () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)
    const types = numbers(120).map((type) => {
      return `type T${type} { ${numbers(20).map((field) => `f${field}: T${(type + field) % 120}`)} }`
    })
    const { query } = federate({ a: { typeDefs: `type Query { t: T0 } ${types.join(' ')}` } })
    const fields = 'fields(includeDeprecated: true)'
    const many = (selection: string) => numbers(10).map((n) => `n${n}: ${fields} { ${selection} }`)
    const text = `{ __schema { types { ${many(`type { ${many('name')} }`)} } } }`
    const { errors } = await query(text)
    expect(errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
      [
        '__Field.type: an answer may have at most 200000 values, and this one has more: ask for fewer items or fields',
        { code: 'ANSWER_TOO_LARGE', limit: 'answerValues', maximum: 200_000, field: '__Field.type' },
      ],
    ])
  })

  test.each([
    '{ __schema { types { name kind } directives { name locations args { name } } } }',
    '{ dog: __type(name: "Dog") { fields(includeDeprecated: true) { name } interfaces { name } } none: __type(name: "No") { name } }',
    'query ($old: Boolean = true) { __type(name: "Size") { enumValues(includeDeprecated: $old) { name isDeprecated } } }',
  ])('%s counts as what it is', async (text) => {
    const { data } = await pets().query(text)
    const values = valuesIn(data)
    const limited = (most: number) =>
      federate(petsSubgraphs, { limits: { answer: { values: most, bytes: 1e9 } } })
    expect(await limited(values).query(text)).toEqual({ data })
    const { errors } = await limited(values - 1).query(text)
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['ANSWER_TOO_LARGE'])
  })

  test('a bare __typename sends nothing', async () => {
    const federation = pets()
    expect(await federation.query('{ __typename ... on Query { again: __typename } }')).toEqual({
      data: { __typename: 'Query', again: 'Query' },
    })
    expect(federation.sent).toEqual([])
  })
})

/** Fields of objects and items of lists. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inside = Object.values(value)
  return inside.reduce((sum: number, one: unknown) => sum + valuesIn(one), inside.length)
}

test('errors of a subgraph elsewhere count as ten values each', async () => {
  const things = ['1', '2', '3'].map((id) => ({ id, odd: null }))
  const errors = things.map((_, at) => new GraphQLError('odd', { path: ['things', at, 'odd'] }))
  const answerOf = (values: number) =>
    federate(
      {
        a: {
          typeDefs: 'type Query { things: [Thing] } type Thing { id: ID! odd: Int }',
          executor: () => ({ execute: async () => ({ data: { things }, errors }) }),
        },
      },
      { limits: { answer: { values, bytes: 1e9 } } },
    ).query('{ things { id odd } }')
  const values = valuesIn({ things }) + 30
  expect((await answerOf(values)).errors).toHaveLength(3)
  expect(places(await answerOf(values - 1))).toEqual(['-: ANSWER_TOO_LARGE'])
})
