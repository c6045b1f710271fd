import { buildSubgraphSchema } from '@apollo/subgraph'
import { type ExecutionResult, execute, type GraphQLSchema, parse, validate } from 'graphql'
import { compileLocalOperation } from '../../../gateway/local/localExecutor'
import { withEntities } from '../../../lib/execution/entityField'

/** Whatever the subgraph library's `_entities` answers, a compiled operation answers, without calling it. */

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Item @key(fields: "id") { id: ID! name: String must: String! loud: String kind: String tags: [String] part: Part }
  type Part @key(fields: "id") { id: ID! size: Int }
  type Checked @key(fields: "id") { id: ID! }
  interface Media @key(fields: "id") { id: ID! }
  type Book implements Media @key(fields: "id") { id: ID! pages: Int }
  type Query { item: Item }
`)

class Stored {
  constructor(readonly id: string) {}
  get name(): string {
    return `stored ${this.id}`
  }
  must() {
    return 'called'
  }
}

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)))

/** What the reference resolver finds, by id; made anew for each run, since it may be written to. */
const found: Readonly<Record<string, () => unknown>> = {
  plain: () => ({ id: 'plain', name: 'Plain', must: 'x', tags: ['a', null] }),
  named: () => ({ __typename: 'Item', id: 'named', name: 'Named', must: 'x' }),
  renamed: () => ({ __typename: 'Part', id: 'renamed', name: 'Renamed', must: 'x' }),
  namedNull: () => ({ __typename: null, id: 'namedNull', must: 'x' }),
  frozen: () => Object.freeze({ id: 'frozen', name: 'Frozen', must: 'x' }),
  frozenNamed: () => Object.freeze({ __typename: 'Item', id: 'frozenNamed', must: 'x' }),
  sealed: () => Object.seal({ id: 'sealed', must: 'x' }),
  stored: () => new Stored('stored'),
  bare: () => Object.assign(Object.create(null), { id: 'bare', must: 'x' }),
  inherited: () => Object.create({ __typename: 'Part', name: 'inherited' }, { id: { value: 'inherited' } }),
  trap: () => ({
    id: 'trap',
    get __typename(): string {
      throw new Error('sprung')
    },
  }),
  thrower: () => ({
    id: 'thrower',
    must: 'x',
    get name(): string {
      throw new Error('no name')
    },
  }),
  lacking: () => ({ id: 'lacking' }),
  promising: () => ({ id: 'promising', name: later('Later'), must: later('x') }),
  nothing: () => null,
  absent: () => undefined,
  text: () => 'text',
  list: () => [{ id: 'in a list' }],
  error: () => new Error('returned'),
  later: () => later({ id: 'later', name: 'Later', must: 'x' }),
  laterNull: () => later(null),
  laterLacking: () => later({ id: 'laterLacking' }),
  laterText: () => later('text'),
  rejected: () => later(null).then(() => Promise.reject(new Error('rejected'))),
  rejectedOdd: () => later(null).then(() => Promise.reject('odd')),
  thrown: () => {
    throw new Error('thrown')
  },
  nested: () => ({ id: 'nested', must: 'x', part: { id: 'p', size: 3 } }),
  nestedLater: () => ({ id: 'nestedLater', must: 'x', part: later({ id: 'p', size: 'large' }) }),
}

const resolvers = {
  Item: {
    __resolveReference: ({ id }: { id: string }) => found[id]?.(),
    loud: ({ name }: { name?: string }) => `${name}!`,
    kind: (parent: { __typename?: string }) => parent.__typename,
  },
  Checked: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    __isTypeOf: ({ id }: { id: string }) => id !== 'other',
  },
  Media: { __resolveType: () => 'Book' },
  Book: { __resolveReference: ({ id }: { id: string }) => ({ id, pages: 7 }) },
}

function schemaOf(calls: { library: number }): GraphQLSchema {
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }])
  const { _entities } = schema.getQueryType()!.getFields()
  const { resolve } = _entities
  _entities.resolve = withEntities((...args) => {
    calls.library++
    return resolve!(...args)
  })
  return schema
}

const plain = '... on Item { id name tags }'
const fields = 'id name must'

const selections: Readonly<Record<string, string>> = {
  'plain fields': `__typename ${plain}`,
  'fields that may fail': `... on Item { ${fields} }`,
  'fields with resolvers': `... on Item { id loud kind must }`,
  'objects below': `... on Item { __typename id part { id size } }`,
  'nothing of this type': '... on Part { size }',
  'the name alone': '__typename',
}

async function both(query: string, representations: readonly unknown[]) {
  const calls = { library: 0 }
  const schema = schemaOf(calls)
  const document = parse(query)
  expect(validate(schema, document)).toEqual([])
  const anew = () => ({ representations: structuredClone(representations) })
  const expected = await execute({ schema, document, variableValues: anew(), contextValue: {} })
  calls.library = 0
  const operation = compileLocalOperation(schema, document)!
  const answer = await operation(anew(), {})
  return { expected: shown(expected), answer: shown(answer), libraryCalls: calls.library }
}

/** As a client gets it; the order of errors is not promised where some places answer later than others. */
function shown({ data, errors = [] }: ExecutionResult) {
  const told = errors.map((error) => JSON.stringify(error.toJSON()))
  return { data: JSON.stringify(data), errors: told.sort() }
}

const ofItems = (ids: readonly string[]) => ids.map((id) => ({ __typename: 'Item', id }))
const ask = (selection: string) =>
  `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`

describe('Entities of a compiled operation are those of the subgraph library', () => {
  for (const [name, selection] of Object.entries(selections)) {
    for (const id of Object.keys(found)) {
      it(`${name}: ${id}`, async () => {
        const { expected, answer, libraryCalls } = await both(ask(selection), ofItems([id]))
        expect(answer).toEqual(expected)
        expect(libraryCalls).toBe(0)
      })
    }

    it(`${name}: many at once, and unknown ones among them`, async () => {
      const ids = Object.keys(found).filter((id) => id !== 'thrown')
      const { expected, answer } = await both(ask(selection), ofItems([...ids, 'unknown', ...ids]))
      expect(answer).toEqual(expected)
    })
  }

  it('where the reference is the entity, for want of a resolver', async () => {
    const references = [
      { __typename: 'Part', id: '1', size: 2 },
      { __typename: 'Part', id: '2', size: 'large' },
      { __typename: 'Part', id: null },
    ]
    const { expected, answer, libraryCalls } = await both(
      ask('__typename ... on Part { id size }'),
      references,
    )
    expect(answer).toEqual(expected)
    expect(libraryCalls).toBe(0)
  })

  it('where a type looks at its values, and several types come at once', async () => {
    const references = [
      { __typename: 'Checked', id: 'one' },
      { __typename: 'Item', id: 'plain' },
      { __typename: 'Checked', id: 'other' },
      { __typename: 'Book', id: 'b' },
    ]
    const selection = `... on Checked { id } ${plain} ... on Book { pages }`
    const { expected, answer, libraryCalls } = await both(ask(selection), references)
    expect(answer).toEqual(expected)
    expect(libraryCalls).toBe(0)
  })

  it.each<[string, readonly unknown[]]>([
    ['an interface', [{ __typename: 'Media', id: 'm' }]],
    ['an unknown type', [...ofItems(['plain']), { __typename: 'Other', id: '1' }]],
    ['a type that is no object', [{ __typename: '_Any' }]],
    ['no type', [{ id: '1' }]],
    ['a name that is no text', [{ __typename: 3 }]],
    ['no object', ['text']],
    ['a list', [[]]],
  ])('where representations are of %s, for which the library is asked', async (_, references) => {
    const { expected, answer, libraryCalls } = await both(ask(`__typename ${plain}`), references)
    expect(answer).toEqual(expected)
    expect(libraryCalls).toBe(1)
  })

  it('where one throws at once and another one on its way fails later, which nobody then waits for', async () => {
    const lost: unknown[] = []
    const note = (reason: unknown) => lost.push(reason)
    process.on('unhandledRejection', note)
    const operation = compileLocalOperation(schemaOf({ library: 0 }), parse(ask(plain)))!
    const { data, errors } = await operation({ representations: ofItems(['rejected', 'thrown']) }, {})
    for (let turn = 0; turn < 3; turn++) await later(null)
    process.off('unhandledRejection', note)
    expect(data).toBeNull()
    expect(errors?.map(({ message }) => message)).toEqual(['thrown'])
    expect(lost).toEqual([])
  })

  it('where there is none', async () => {
    const { expected, answer } = await both(ask(plain), [])
    expect(answer).toEqual(expected)
  })

  it('under several names, some of them literals in the text, and anew in each run', async () => {
    const query = `query ($representations: [_Any!]!) {
      one: _entities(representations: $representations) { ${plain} }
      two: _entities(representations: [{ __typename: "Part", id: "1", size: 5 }, { __typename: "Item", id: "lacking" }]) {
        __typename ... on Part { size } ... on Item { ${fields} }
      }
    }`
    const { expected, answer } = await both(query, ofItems(['plain', 'nothing', 'error']))
    expect(answer).toEqual(expected)
    expect((await both(query, ofItems(['plain', 'nothing', 'error']))).answer).toEqual(expected)
  })
})
