import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLEnumType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
  type GraphQLUnionType,
  parse,
  validate,
} from 'graphql'
import { compileLocalOperation } from '../../../gateway/local/localExecutor'
import { PresageError } from '../../../lib/errors'

/** Whatever graphql-js answers, a compiled operation answers: data, and errors with their places, in their order. */

const sdl = `
  scalar Odd
  enum Color { RED GREEN }
  input Box { width: Int! = 2, tags: [String!] }
  interface Animal { name: String, friend: Animal, toys: [Toy!] }
  type Dog implements Animal { name: String, friend: Animal, toys: [Toy!], barks: Boolean! }
  type Cat implements Animal { name: String, friend: Animal, toys: [Toy!], lives: Int! }
  type Fish { name: String!, depth: Float }
  union Pet = Dog | Cat | Fish
  type Toy { id: ID!, color: Color, owner: Animal!, price: Float! }
  type Deep { value: Int!, next: Deep, must: Deep!, list: [Deep!], lists: [[Deep!]!], slow: Int! }
  type Plain { id: ID, name: String }
  type Query {
    plains: [Plain]
    trap: Plain  traps: [Plain]
    text(a: String = "x", b: Int): String
    box(box: Box, ids: [ID!]): String
    needed(n: Int!): Int
    color: Color  colors: [Color]  wrongColor: Color
    odd: Odd  oddNull: Odd  oddThrows: Odd
    int: Int  tooBig: Int  float: Float  nan: Float  id: ID  flag: Boolean  object: String
    thrown: Int!  rejected: Int!  returned: Int  nothing: Int!
    coded: Int  later: Int  laterNull: Int!
    method(n: Int): Int
    numbers: [Int]  strictNumbers: [Int!]  promised: [Int!]  iterable: [Int]  notIterable: [Int]  text2: [String]
    matrix: [[Int!]!]  errorItems: [Int]
    animal: Animal  animals: [Animal]  strange: Animal  untyped: Animal  fishAnimal: Animal  wrongKind: Animal
    pets: [Pet!]!  checked: Fish  asyncChecked: Toy  unchecked: Fish
    deep: Deep  deepMust: Deep!
  }
`

class Counter {
  constructor(private readonly from: number) {}
  value() {
    return this.from
  }
  method({ n }: { n?: number | null }) {
    return this.from + (n ?? 0)
  }
}

const trap = {
  id: 'trap',
  get name(): string {
    throw new Error('sprung')
  },
}

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)))
const rejecting = (message: string) => later(null).then(() => Promise.reject(new Error(message)))

const rex = {
  __typename: 'Dog',
  name: 'Rex',
  barks: true,
  toys: [{ id: 1, color: 'R', price: 2.5 }],
}
const tom = { __typename: 'Cat', name: () => 'Tom', lives: 9, friend: rex, toys: null }
const broken = {
  __typename: 'Dog',
  name: 'Broken',
  barks: null,
  toys: [{ id: 'b', color: 'B', price: 'much' }],
}

const deep: object = {
  value: 1,
  next: { value: 2, next: { value: null }, must: { value: 3 }, slow: () => rejecting('slow') },
  must: { value: 4, must: null },
  list: [{ value: 5 }, { value: 'no' }],
  lists: [[{ value: 6 }], [{ value: null, slow: () => rejecting('slow') }]],
  slow: () => later(7),
}

function createSchema(): GraphQLSchema {
  const schema = buildSchema(sdl)
  const type = <T>(name: string) => schema.getType(name) as T
  const resolvers: Record<string, (source: unknown, args: never, context: never, info: never) => unknown> = {
    plains: () => [
      { id: 7, name: 'a' },
      { id: -0 },
      { id: 1.5, name: 'a half' },
      { id: 'b', name: () => 'called' },
      later({ id: 'c', name: 'late' }),
      Object.assign(new Error('lost'), { id: 'd', name: 'no item' }),
      rejecting('gone'),
      null,
      'text',
      Object.assign(() => 5, { id: 'e' }),
    ],
    text: (_, { a, b }: { a: string; b?: number }) => `${a} ${b}`,
    box: (_, args) => JSON.stringify(args),
    needed: (_, { n }: { n: number }) => n,
    color: () => 'G',
    colors: () => ['R', null, later('G')],
    wrongColor: () => 'RED',
    odd: () => new Date(0),
    oddNull: () => 'null',
    oddThrows: () => 'throw',
    int: () => true,
    tooBig: () => 2 ** 31,
    float: () => '1.5',
    nan: () => Number.NaN,
    id: () => 12,
    flag: () => 1,
    object: () => ({ a: 1 }),
    trap: () => trap,
    traps: () => [{ id: 1, name: 'no trap' }, trap],
    thrown: () => {
      throw new Error('thrown')
    },
    rejected: () => rejecting('rejected'),
    returned: () => new Error('returned'),
    nothing: () => undefined,
    coded: () => {
      throw new PresageError('BAD_FEATURE', 'too long', { input: 'a' })
    },
    later: () => later('5'),
    laterNull: () => later(null),
    method: (_, { n }: { n: number }) => new Counter(2).method({ n }),
    numbers: () => [1, null, 'x', later(4), rejecting('item')],
    strictNumbers: () => [1, null, 2],
    promised: () => [later(1), rejecting('one'), rejecting('two')],
    iterable: () => new Set([1, 2]),
    notIterable: () => 5,
    text2: () => 'ab',
    matrix: () => [[1, 2], [later(3)], [null]],
    errorItems: () => [new Error('first'), 2],
    animal: () => tom,
    animals: () => [rex, null, broken, later(tom)],
    strange: () => ({ __typename: 'Stone' }),
    untyped: () => ({ name: 'who' }),
    fishAnimal: () => ({ __typename: 'Fish' }),
    wrongKind: () => ({ __typename: 'Pet' }),
    pets: () => [rex, { __typename: 'Fish', name: 'Nemo', depth: 1 }, later(tom)],
    checked: () => ({ name: 'Wanda', isFish: true }),
    unchecked: () => ({ name: 'Stone', isFish: false }),
    asyncChecked: () => ({ id: 1 }),
    deep: () => deep,
    deepMust: () => deep,
  }
  const query = schema.getQueryType()!.getFields()
  for (const [name, resolve] of Object.entries(resolvers)) query[name].resolve = resolve as never
  const color = type<GraphQLEnumType>('Color')
  for (const value of color.getValues()) Object.assign(value, { value: value.name[0] })
  Object.assign(color, { _valueLookup: new Map(color.getValues().map((value) => [value.value, value])) })
  Object.assign(type<GraphQLScalarType>('Odd'), {
    serialize: (value: unknown) => {
      if (value === 'throw') throw new Error('odd')
      return value === 'null' ? null : String(value)
    },
  })
  type<GraphQLUnionType>('Pet').resolveType = (value) => later((value as { __typename: string }).__typename)
  type<GraphQLInterfaceType>('Animal').resolveType = undefined
  type<GraphQLObjectType>('Fish').isTypeOf = (value) => (value as { isFish?: boolean }).isFish ?? true
  type<GraphQLObjectType>('Toy').isTypeOf = () => later(true)
  type<GraphQLObjectType>('Toy').getFields()['owner'].resolve = (toy: { id: unknown }) =>
    toy.id === 1 ? later(tom) : rejecting('no owner')
  return schema
}

const schema = createSchema()

const documents: readonly (string | [string, Record<string, unknown>])[] = [
  '{ text a: text(a: null, b: 3) b: text(a: "lit") }',
  ['query ($a: String, $b: Int) { text(a: $a, b: $b) }', {}],
  ['query ($a: String, $b: Int) { text(a: $a, b: $b) }', { a: null, b: 1 }],
  ['query ($a: String = "d", $b: Int!) { text(a: $a, b: $b) }', { b: 1 }],
  ['query ($b: Int!) { text(b: $b) }', {}],
  ['query ($b: Int!) { text(b: $b) }', { b: 'one' }],
  ['query ($b: Int) { text(b: $b) }', { b: 2 ** 31 }],
  [
    'query ($box: Box, $w: Int = 3) { box(box: $box) b: box(box: {width: $w}, ids: [1, "b"]) c: box(box: {}) }',
    { box: { tags: 'one' } },
  ],
  ['query ($ids: [ID!]) { box(ids: $ids) }', { ids: [1, 'b'] }],
  // Resolvers get arguments in the order of the schema, wherever their values come from.
  ['query ($box: Box) { box(ids: [1], box: $box) }', { box: { width: 5 } }],
  ['query ($n: Int = 1) { needed(n: $n) }', { n: null }],
  '{ color colors wrongColor }',
  '{ odd oddNull oddThrows }',
  '{ int tooBig float nan id flag object }',
  '{ trap { id name } }',
  '{ traps { name id } }',
  '{ int thrown }',
  '{ int rejected later }',
  '{ thrown rejected nothing }',
  '{ returned coded later }',
  '{ laterNull later }',
  '{ nothing }',
  '{ method(n: 3) }',
  '{ numbers strictNumbers promised iterable notIterable text2 matrix errorItems }',
  '{ animal { __typename name ... on Cat { lives } ... on Dog { barks } friend { name toys { id color price } } } }',
  '{ animals { name ... on Dog { barks toys { id color } } } }',
  '{ animals { toys { price owner { name } } } }',
  '{ strange { name } untyped { name } fishAnimal { name } wrongKind { name } }',
  '{ pets { __typename ... on Animal { name friend { name } } ... on Fish { title: name depth } } }',
  '{ checked { name } unchecked { name } asyncChecked { id color owner { name } } }',
  '{ deep { value next { value next { value } } } }',
  '{ deep { value must { value must { value } } } }',
  '{ deep { list { value } lists { value slow } slow } }',
  '{ deep { next { slow value must { value } } slow } }',
  '{ deepMust { must { must { value } } } }',
  '{ deepMust { next { slow next { value } } must { must { value } } } }',
  '{ ...A ...B } fragment A on Query { deep { value ...D } } fragment B on Query { deep { slow ...D } } fragment D on Deep { next { value } }',
  '{ __proto__: int constructor: id toString: flag __typename hasOwnProperty: deep { __proto__: value } }',
  'query Named { a: int b: int a: int }',
  '{ plains { id name } }',
]

test.each(documents.map((entry) => (typeof entry === 'string' ? ([entry, {}] as const) : entry)))(
  '%s with %j',
  async (text, variableValues) => {
    const document = parse(text, { noLocation: true })
    expect(validate(schema, document)).toEqual([])
    const compiled = compileLocalOperation(schema, document)
    if (compiled === undefined) throw new Error('not compiled')
    const expected = await execute({ schema, document, variableValues, contextValue: {} })
    for (let time = 0; time < 2; time++) {
      expect(shown(await compiled(variableValues, {}))).toEqual(shown(expected))
    }
  },
)

test.each([
  ['{ a }', true],
  ['mutation { b }', true],
  ['mutation { b c }', false],
  ['mutation { ...F } fragment F on Mutation { b c }', false],
  ['{ a __schema { queryType { name } } }', false],
  ['{ ... { __type(name: "Query") { name } } }', false],
  ['query ($y: Boolean!) { a @include(if: $y) }', false],
  ['query ($y: Boolean!) { a ... @skip(if: $y) { a } }', false],
  ['{ a } query B { a }', false],
])('%s is compiled: %s; what no gateway sends is left to graphql-js', (text, isCompiled) => {
  const mutating = buildSchema('type Query { a: Int } type Mutation { b: Int c: Int }')
  expect(compileLocalOperation(mutating, parse(text)) !== undefined).toBe(isCompiled)
})

test('a resolver gets arguments of its own, and is told all that graphql-js tells it', async () => {
  const seen: unknown[] = []
  const watched = buildSchema('type Query { items: [Item] } type Item { f(n: [Int], s: String = "a"): Int }')
  const field = (watched.getType('Item') as GraphQLObjectType).getFields()['f']
  watched.getQueryType()!.getFields()['items'].resolve = () => [{}, {}]
  field.resolve = (_, args, contextValue, info) => {
    const { path, schema: _schema, operation: _operation, returnType, parentType, ...rest } = info
    const facts = {
      ...rest,
      path: pathOf(path),
      returnType: String(returnType),
      parentType: String(parentType),
    }
    seen.push(JSON.stringify([args, contextValue, facts]))
    args.n.push(1)
    args.s = 'changed'
    return 1
  }
  const document = parse(
    'query ($s: String) { items { x: f(n: [5], s: $s) ...F } } fragment F on Item { x: f(n: [5], s: $s) }',
    {
      noLocation: true,
    },
  )
  const options = { variableValues: { s: 'b' }, contextValue: { who: 1 } }
  await execute({ schema: watched, document, ...options })
  const expected = seen.splice(0)
  const compiled = compileLocalOperation(watched, document)!
  await compiled(options.variableValues, options.contextValue)
  expect(seen).toEqual(expected)
})

function pathOf(path: { key: string | number; prev: unknown; typename: unknown } | undefined): unknown[] {
  return path === undefined ? [] : [...pathOf(path.prev as never), path.key, path.typename]
}

function shown({ data, errors }: ExecutionResult): unknown {
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    keys: JSON.stringify(data),
    isThere: data !== undefined,
    errors: errors?.map((error) => ({
      message: error.message,
      path: error.path,
      // Of an argument that is wrong graphql-js says no code, and here there is one.
      extensions: error.message.startsWith('Argument ') ? {} : error.extensions,
      original: error.originalError?.message,
      nodes: error.nodes?.map((node) => node.kind),
    })),
  }
}
