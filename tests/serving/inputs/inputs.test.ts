import { type GraphQLResolveInfo, graphql, responsePathAsArray } from 'graphql'
import { createClientRequest } from '../../../lib/request/clientRequest'
import type { SubgraphResolvers } from '../../../serving/fields/subgraphSchema'
import { places } from '../../gateway/federate'
import { createServices, type ServiceParts } from '../service'

const start = createServices()

/** A field `seen` whose value is the row that reached the model, for one thing of which `rows` tell. */
function probe(
  inputs: string,
  sdl: string,
  resolvers: SubgraphResolvers = {},
  more: Partial<ServiceParts> = {},
): Promise<Awaited<ReturnType<typeof start>>> {
  return start({
    subgraphs: { own: { sdl, resolvers } },
    objectives: { PROBE: `inputs: ${inputs}\noutputs: { seen: { type: String } }` },
    models: [{ key: 'probe@1', features: inputs, outputs: '{ seen: { type: String } }' }],
    ...more,
  })
}

/** What of each thing reached the model; null where nothing was predicted. */
function seen(things: unknown): unknown[] {
  return (things as { seen: string | null }[]).map(({ seen }) => (seen === null ? null : JSON.parse(seen)))
}

describe('arguments', () => {
  it('reach the model: values, defaults, null and nothing', async () => {
    const { query } = await probe(
      '{ text: { type: String, nullable: true }, count: { type: Int, nullable: true }, ids: { type: "[ID!]", default: ["0"] } }',
      'type Query { seen(text: String, count: Int = 7, ids: [ID!]): String @predict(objective: "PROBE") }',
    )
    const answer = await query(
      '{ a: seen(text: "x", count: 1, ids: [1, "2"]) b: seen(text: null, count: null, ids: null) c: seen }',
    )
    expect(answer.errors).toBeUndefined()
    expect(seen([{ seen: answer.data!.a }, { seen: answer.data!.b }, { seen: answer.data!.c }])).toEqual([
      { text: 'x', count: 1, ids: ['1', '2'] },
      { text: null, count: null, ids: ['0'] },
      { text: null, count: 7, ids: ['0'] },
    ])
  })

  it('of input-object type are found field by field; where the object is null, all of them are', async () => {
    const { query } = await probe(
      '{ income: { type: Float, nullable: true }, tags: { type: "[String!]", default: [] }, size: { type: Int, default: 3 } }',
      `type Query { seen(about: About, box: Box): String @predict(objective: "PROBE", inputs: ["size: args.box.inner.size"]) }
       input About { income: Float tags: [String!] }
       input Box { inner: Inner }
       input Inner { size: Int }`,
    )
    const answer = await query(
      `{ a: seen(about: { income: 1.5, tags: ["a"] }, box: { inner: { size: 9 } })
         b: seen(about: null, box: { inner: null }) c: seen(box: null) d: seen(about: {}, box: { inner: {} }) }`,
    )
    expect(answer.errors).toBeUndefined()
    expect(seen(['a', 'b', 'c', 'd'].map((alias) => ({ seen: answer.data![alias] })))).toEqual([
      { income: 1.5, tags: ['a'], size: 9 },
      { income: null, tags: [], size: 3 },
      { income: null, tags: [], size: 3 },
      { income: null, tags: [], size: 3 },
    ])
  })

  it('of an enum are its names, whatever values the subgraph gives them', async () => {
    const { query } = await probe(
      '{ color: { type: enum, labels: [RED, BLUE] }, colors: { type: "[String!]", default: [] } }',
      `enum Color { RED BLUE }
       input Paint { colors: [Color!] }
       type Query { seen(color: Color! = BLUE, paint: Paint): String @predict(objective: "PROBE") }`,
      { Color: { RED: 1, BLUE: 2 } },
    )
    const answer = await query('{ a: seen(color: RED, paint: { colors: [BLUE, RED] }) b: seen }')
    expect(answer.errors).toBeUndefined()
    expect(seen([{ seen: answer.data!.a }, { seen: answer.data!.b }])).toEqual([
      { color: 'RED', colors: ['BLUE', 'RED'] },
      { color: 'BLUE', colors: [] },
    ])
  })
})

it('context keys reach the model where the request has them', async () => {
  const { query, metrics } = await probe(
    '{ country: { type: String, default: "somewhere" }, member: { type: ID }, age: { type: Int, nullable: true } }',
    'type Query { seen: String @predict(objective: "PROBE") }',
    {},
    { contextKeys: { country: 'string', member: 'string', age: 'number' } },
  )
  const all = await query('{ seen }', {}, { context: { country: 'PT', member: '12', age: 30 } })
  expect(seen([all.data])).toEqual([{ country: 'PT', member: '12', age: 30 }])
  const one = await query('{ seen }', {}, { context: { member: '12' } })
  expect(seen([one.data])).toEqual([{ country: 'somewhere', member: '12', age: null }])
  const none = await query('{ seen }')
  expect(places(none)).toEqual(['seen: BAD_FEATURE'])
  expect(none.errors![0].message).toContain('input member of PROBE')
  expect(metrics.read('presage_prediction_failures_total')).toBe(1)
})

it('arguments and context keys with names that every object inherits are absent where the request lacks them', async () => {
  const { query } = await probe(
    '{ constructor: { type: String, nullable: true }, valueOf: { type: String, default: "none" } }',
    'type Query { seen(constructor: String): String @predict(objective: "PROBE") }',
    {},
    { contextKeys: { valueOf: 'string' as const } },
  )
  const answer = await query('{ a: seen b: seen(constructor: "C") }')
  expect(answer.errors).toBeUndefined()
  expect(seen([{ seen: answer.data!.a }, { seen: answer.data!.b }])).toEqual([
    { constructor: null, valueOf: 'none' },
    { constructor: 'C', valueOf: 'none' },
  ])
})

it('an enum or an input object with such a name is absent as well, and so is a member of one', async () => {
  const { query } = await probe(
    `{ constructor: { type: enum, labels: [A, B], nullable: true }, size: { type: Int, default: 3 },
       valueOf: { type: String, nullable: true } }`,
    `enum Kind { A B }
     input Box { size: Int valueOf: String }
     type Query { seen(constructor: Kind, toString: Box): String @predict(objective: "PROBE") }`,
    { Kind: { A: 1, B: 2 } },
  )
  const answer = await query(
    '{ a: seen b: seen(constructor: B, toString: {}) c: seen(toString: { size: 9, valueOf: "V" }) }',
  )
  expect(answer.errors).toBeUndefined()
  expect(seen(['a', 'b', 'c'].map((alias) => ({ seen: answer.data![alias] })))).toEqual([
    { constructor: null, size: 3, valueOf: null },
    { constructor: 'B', size: 3, valueOf: null },
    { constructor: null, size: 9, valueOf: 'V' },
  ])
})

it('an input without a source has its default, or is absent', async () => {
  const { query, plan } = await probe(
    '{ limit: { type: Int, default: 5 }, mood: { type: String, nullable: true } }',
    'type Query { seen: String @predict(objective: "PROBE") }',
  )
  expect(plan.fields[0].inputs.map(({ binding }) => binding.from)).toEqual(['default', 'absent'])
  expect(seen([(await query('{ seen }')).data])).toEqual([{ limit: 5, mood: null }])
})

describe('fields of the same subgraph', () => {
  const thing = (fields: string, more = '') =>
    `type Query { things: [Thing!]! } type Thing { ${fields} seen: String @predict(objective: "PROBE") } ${more}`

  it('are read as a client would get them: plain, by resolver, later, by method, serialised', async () => {
    class Thing {
      #secret = 40
      readonly id = 12
      readonly plain = 'as it is'
      readonly color = 1
      readonly tags = new Set(['a', 'b'])
      computed(args: { plus: number }) {
        return this.#secret + args.plus
      }
    }
    const { query } = await probe(
      `{ id: { type: ID }, plain: { type: String }, color: { type: enum, labels: [RED, BLUE] }, tags: { type: "[ID!]" },
         computed: { type: Int }, resolved: { type: String }, later: { type: Float }, laterItems: { type: "[Int!]" } }`,
      thing(
        `id: ID! plain: String! color: Color! tags: [ID!]! computed(plus: Int = 2): Int! resolved: String! later: Float!
         laterItems: [Int!]!`,
        'enum Color { RED BLUE }',
      ),
      {
        Color: { RED: 1, BLUE: 2 },
        Query: { things: () => [new Thing()] },
        Thing: {
          resolved: (
            parent: Thing,
            _: unknown,
            context: object,
            info: { fieldName: string; parentType: unknown },
          ) => `${parent.plain} ${'request' in context} ${info.fieldName} ${String(info.parentType)}`,
          later: async () => 1.5,
          laterItems: () => [Promise.resolve(1), 2, Promise.resolve(3)],
        },
      },
    )
    const answer = await query('{ things { seen } }')
    expect(answer.errors).toBeUndefined()
    expect(seen(answer.data!.things)).toEqual([
      {
        id: '12',
        plain: 'as it is',
        color: 'RED',
        tags: ['a', 'b'],
        computed: 42,
        resolved: 'as it is true resolved Thing',
        later: 1.5,
        laterItems: [1, 2, 3],
      },
    ])
  })

  it('are followed through objects and lists, each with its resolver', async () => {
    const selected: string[][] = []
    const { query } = await probe(
      '{ people: { type: "[ID!]" }, city: { type: String, nullable: true } }',
      `type Query { things: [Thing!]! }
       type Thing { cast: [Role!]! place: Place
         seen: String @predict(objective: "PROBE", inputs: ["people: parent.cast.person.id", "city: parent.place.city"]) }
       type Role { person: Person! }
       type Person { id: ID! }
       type Place { city: String! }`,
      {
        Query: {
          things: () => [
            { people: ['1', '2'], city: 'Faro' },
            { people: [], city: null },
          ],
        },
        Thing: {
          cast: async (parent: { people: string[] }) => parent.people.map((id) => ({ id })),
          place: ({ city }: { city: string | null }) => (city === null ? null : { city: () => city }),
        },
        Role: {
          person: (
            { id }: { id: string },
            _: unknown,
            __: unknown,
            info: { fieldNodes: { selectionSet: { selections: { name: { value: string } }[] } }[] },
          ) => {
            selected.push(info.fieldNodes[0].selectionSet.selections.map(({ name }) => name.value))
            return Promise.resolve({ id: Number(id) })
          },
        },
      },
    )
    const answer = await query('{ things { seen } }')
    expect(answer.errors).toBeUndefined()
    expect(seen(answer.data!.things)).toEqual([
      { people: ['1', '2'], city: 'Faro' },
      { people: [], city: null },
    ])
    expect(selected).toEqual([['id'], ['id']])
  })

  it.each(['federated', 'of a server of its own'])(
    'behind a slow resolver have the info of their own row: %s',
    async (server) => {
      const { query, schemas } = await probe(
        '{ people: { type: "[ID!]" } }',
        `type Query { things: [Thing!]! }
         type Thing { cast: [Role!]! seen: String @predict(objective: "PROBE", inputs: ["people: parent.cast.person.id"]) }
         type Role { person: Person! }
         type Person { id: ID! }`,
        {
          Query: { things: () => [{ people: ['1', '2'] }, { people: ['3'] }] },
          Thing: { cast: async (parent: { people: string[] }) => parent.people.map((id) => ({ id })) },
          Role: {
            person: ({ id }: { id: string }, _: unknown, __: unknown, { path }: GraphQLResolveInfo) => ({
              id: `${id} of ${responsePathAsArray(path).join('.')}`,
            }),
          },
        },
      )
      const source = '{ things { seen } }'
      const contextValue = {
        request: createClientRequest({ id: 'test', deadline: performance.now() + 60_000 }),
      }
      const answer =
        server === 'federated'
          ? await query(source)
          : await graphql({ schema: schemas.get('own')!, source, contextValue })
      expect(answer.errors).toBeUndefined()
      expect(seen(answer.data!['things'])).toEqual([
        { people: ['1 of things.0.seen', '2 of things.0.seen'] },
        { people: ['3 of things.1.seen'] },
      ])
    },
  )

  it('get arguments of their own for each row, also where a resolver changes them', async () => {
    const take = (args: { limit: number }) => args.limit--
    const { query } = await probe(
      '{ resolved: { type: Int }, method: { type: Int } }',
      thing('resolved(limit: Int = 2): Int! method(limit: Int = 3): Int!'),
      {
        Query: { things: () => [{ method: take }, { method: take }] },
        Thing: { resolved: (_: unknown, args: { limit: number }) => take(args) },
      },
    )
    const answer = await query('{ things { seen } }')
    expect(seen(answer.data!.things)).toEqual([
      { resolved: 2, method: 3 },
      { resolved: 2, method: 3 },
    ])
  })

  it('that are not there are null, as a client would get them', async () => {
    const { query, metrics } = await probe(
      '{ a: { type: Int, nullable: true, default: 1 }, b: { type: Int, default: 2, onNull: error } }',
      thing('a: Int b: Int'),
      { Query: { things: () => [{ b: 3 }, { a: 4 }] } },
    )
    const answer = await query('{ things { seen } }')
    expect(seen(answer.data!.things)).toEqual([{ a: null, b: 3 }, null])
    expect(places(answer)).toEqual(['things.1.seen: BAD_FEATURE'])
    expect(metrics.read('presage_null_inputs_total')).toBe(2)
  })

  it('are not shown in an error, nor is the version: the client asked for neither', async () => {
    const { query } = await probe('{ a: { type: Int, range: [0, 9] } }', thing('a: Int!'), {
      Query: { things: () => [{ a: 4711 }, { a: 4711 }, { a: 1 }] },
    })
    const answer = await query('{ things { seen } }')
    expect(seen(answer.data!.things)).toEqual([null, null, { a: 1 }])
    const { message, extensions } = answer.errors![0].toJSON()
    expect(message).toBe('input a of PROBE: must be from 0 to 9 (from field a)')
    expect(extensions).toEqual({ code: 'BAD_FEATURE', input: 'a', source: 'field a' })
  })

  it.each<[string, string, unknown, string | null]>([
    [
      'a resolver that throws',
      'x: Int',
      () => {
        throw new Error('the vault is open')
      },
      null,
    ],
    [
      'a resolver that rejects',
      'x: Int',
      async () => {
        throw new Error('the vault is open')
      },
      null,
    ],
    ['a resolver that answers an error', 'x: Int', () => new Error('the vault is open'), null],
    ['an item that rejects', 'x: [Int!]', () => [1, Promise.reject(new Error('the vault is open'))], null],
    ['null where none is allowed', 'x: Int!', () => null, 'must be Int!, got null'],
    ['null in a list that allows none', 'x: [Int!]', () => [1, null], 'must be Int!, got null'],
    ['a value of another type', 'x: Int', () => 'many', null],
    ['a text where a list is declared', 'x: [Int!]', () => '12', 'must be [Int!], got string'],
  ])('%s is no missing value', async (_, field, resolver, told) => {
    const type = field.includes('[') ? '"[Int!]"' : 'Int'
    const { query, batches, metrics } = await probe(
      `{ x: { type: ${type}, nullable: true }, id: { type: ID } }`,
      thing(`${field} id: ID!`),
      {
        Query: { things: () => [{ id: 1 }, { id: 2 }] },
        Thing: {
          x: (parent: { id: number }) =>
            parent.id === 1 ? (resolver as () => unknown)() : type === 'Int' ? 5 : [5],
        },
      },
    )
    const answer = await query('{ things { seen } }')
    expect(seen(answer.data!.things)).toEqual([null, { x: type === 'Int' ? 5 : [5], id: '2' }])
    expect(places(answer)).toEqual(['things.0.seen: UPSTREAM_FAILED'])
    expect(answer.errors![0].message).toBe(`Thing.x is needed and failed${told === null ? '' : `: ${told}`}`)
    expect(answer.errors![0].extensions).toMatchObject({ field: 'Thing.x' })
    expect(batches.flatMap(({ rows }) => rows)).toHaveLength(1)
    expect(metrics.read('presage_prediction_failures_total')).toBe(1)
  })

  it('that fail one after the other are one error, and no rejection is left to nobody', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const { query } = await probe(
      '{ a: { type: Int, nullable: true }, b: { type: "[Int!]", nullable: true }, c: { type: Int, nullable: true } }',
      thing('a: Int b: [Int!] c: Int'),
      {
        Query: { things: () => [{}] },
        Thing: {
          a: () => Promise.reject(new Error('first')),
          b: () => [Promise.reject(new Error('second')), 'no number'],
          c: () => {
            throw new Error('third')
          },
        },
      },
    )
    const answer = await query('{ things { seen } }')
    expect(places(answer)).toEqual(['things.0.seen: UPSTREAM_FAILED'])
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  })

  it('that fail while an earlier input is still on its way leave no rejection to nobody', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const { query } = await probe(
      '{ a: { type: Int, nullable: true }, b: { type: Int, nullable: true } }',
      thing('a: Int b: Int'),
      {
        Query: { things: () => [{}] },
        Thing: {
          a: () => new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(1)))),
          b: () => Promise.reject(new Error('at once')),
        },
      },
    )
    const answer = await query('{ things { seen } }')
    process.off('unhandledRejection', listener)
    expect(places(answer)).toEqual(['things.0.seen: UPSTREAM_FAILED'])
    expect(unhandled).toEqual([])
  })
})

describe('fields of other subgraphs', () => {
  const titles = [
    { id: '1', year: 1999, cast: [{ person: { id: 'p1' } }, { person: { id: 'p2' } }] },
    { id: '2', year: null, cast: [] },
    { id: '3', year: 2001, cast: [] },
  ]
  const catalog = {
    sdl: `type Query { titles: [Title!]! }
      type Title @key(fields: "id") { id: ID! year: Int cast: [Role!]! }
      type Role { person: Person! } type Person { id: ID! }`,
    resolvers: { Query: { titles: () => titles } },
  }
  const inputs = '{ titleId: { type: ID }, year: { type: Int, nullable: true }, people: { type: "[ID!]" } }'
  const rating = (resolvers?: SubgraphResolvers) => ({
    subgraphs: {
      catalog,
      ratings: {
        sdl: `type Title @key(fields: "id") { id: ID! year: Int @external cast: [Role!]! @external mine: String
            seen: String @requires(fields: "year cast { person { id } }")
              @predict(objective: "PROBE", inputs: ["titleId: parent.id", "people: parent.cast.person.id"]) }
          type Role { person: Person! @external } type Person { id: ID! @external }`,
        resolvers,
      },
    },
    objectives: { PROBE: `inputs: ${inputs}\noutputs: { seen: { type: String } }` },
    models: [{ key: 'probe@1', features: inputs, outputs: '{ seen: { type: String } }' }],
  })
  const expected = [
    { titleId: '1', year: 1999, people: ['p1', 'p2'] },
    { titleId: '2', year: null, people: [] },
    { titleId: '3', year: 2001, people: [] },
  ]

  it('reach the model through @requires, nested ones too, in one batch', async () => {
    const { query, batches } = await start(rating())
    const answer = await query('{ titles { seen } }')
    expect(answer.errors).toBeUndefined()
    expect(seen(answer.data!.titles)).toEqual(expected)
    expect(batches.map(({ rows }) => rows)).toEqual([expected])
  })

  it.each([
    ['cast: "?"', 'cast must be an object, got a string', '?'],
    ['cast: [{ person: 7 }]', 'cast.person must be an object, got a number', [{ person: 7 }]],
  ])('are an error, not a missing value, where no object is on the way: %s', async (_, problem, cast) => {
    const { schemas, batches } = await start(rating())
    const representations = [
      { __typename: 'Title', id: '1', year: 1999, cast },
      { __typename: 'Title', ...titles[1] },
    ]
    const { data, errors } = await graphql({
      schema: schemas.get('ratings')!,
      source: 'query($all: [_Any!]!) { _entities(representations: $all) { ... on Title { seen } } }',
      variableValues: { all: representations },
      contextValue: { request: createClientRequest({ id: 'test', deadline: performance.now() + 60_000 }) },
    })
    expect(errors?.map(({ message, path }) => [message, path])).toEqual([
      [`Title.cast.person.id is needed and failed: ${problem}`, ['_entities', 0, 'seen']],
    ])
    expect(seen(data!['_entities'])).toEqual([null, expected[1]])
    expect(batches.map(({ rows }) => rows.length)).toEqual([1])
  })

  it("reach it beside a team's own __resolveReference, whose object stays its own", async () => {
    class Title {
      #mine: string
      constructor(readonly id: string) {
        this.#mine = `mine ${id}`
      }
      mine() {
        return this.#mine
      }
    }
    const known = new Map(titles.map(({ id }) => [id, new Title(id)]))
    const parents: unknown[] = []
    const { query } = await start(
      rating({
        Title: {
          __resolveReference: async ({ id }: { id: string }) => known.get(id),
          mine(parent: Title) {
            parents.push(parent)
            return parent.mine()
          },
        },
      }),
    )
    const answer = await query('{ titles { seen mine } }')
    expect(answer.errors).toBeUndefined()
    expect(seen(answer.data!.titles)).toEqual(expected)
    expect(parents).toEqual([...known.values()])
    expect(parents.every((parent, i) => parent === known.get(titles[i].id))).toBe(true)
    expect(Object.keys(known.get('1')!)).toEqual(['id'])
  })

  it('are of their own request, also where the team answers one object to all', async () => {
    const shared = { id: 'shared' }
    const years = ['1', '2'].map((id) => ({ id, year: Number(id), cast: [] }))
    const parts = rating({ Title: { __resolveReference: () => shared } })
    let asked = 0
    const { query } = await start({
      ...parts,
      subgraphs: {
        ...parts.subgraphs,
        catalog: { ...catalog, resolvers: { Query: { titles: () => [years[asked++]] } } },
      },
    })
    const answers = await Promise.all([query('{ titles { seen } }'), query('{ titles { seen } }')])
    expect(answers.map(({ data }) => (seen(data!.titles)[0] as { year: number }).year)).toEqual([1, 2])
  })

  it('of an entity that its owner does not know are nothing to predict from, and no error', async () => {
    const { query, batches } = await start({
      subgraphs: {
        lists: {
          sdl: `type Query { list: [Title!]! } type Title @key(fields: "id", resolvable: false) { id: ID! }`,
          resolvers: { Query: { list: () => [{ id: '1' }, { id: '404' }, { id: '3' }] } },
        },
        ...rating().subgraphs,
        catalog: {
          ...catalog,
          resolvers: {
            ...catalog.resolvers,
            Title: {
              __resolveReference: ({ id }: { id: string }) => titles.find((title) => title.id === id) ?? null,
            },
          },
        },
      },
      objectives: rating().objectives,
      models: rating().models,
    })
    const answer = await query('{ list { id seen } }')
    expect(answer.errors).toBeUndefined()
    expect(seen(answer.data!.list)).toEqual([expected[0], null, expected[2]])
    expect(batches.map(({ rows }) => rows.length)).toEqual([2])
  })

  it('are null where the owner of a field below does not know its object', async () => {
    const own = '{ rank: { type: Int, nullable: true, default: 5 } }'
    const { query } = await start({
      subgraphs: {
        catalog: {
          sdl: `type Query { films: [Film!]! } type Film @key(fields: "id") { id: ID! maker: Maker }
            type Maker @key(fields: "id") { id: ID! }`,
          resolvers: {
            Query: {
              films: () => [
                { id: '1', maker: { id: 'm1' } },
                { id: '2', maker: { id: 'm2' } },
              ],
            },
          },
        },
        ranks: {
          sdl: 'type Maker @key(fields: "id") { id: ID! rank: Int }',
          resolvers: {
            Maker: { __resolveReference: ({ id }: { id: string }) => (id === 'm2' ? null : { id, rank: 1 }) },
          },
        },
        ratings: {
          sdl: `type Film @key(fields: "id") { id: ID! maker: Maker @external
              seen: String @requires(fields: "maker { rank }")
                @predict(objective: "PROBE", inputs: ["rank: parent.maker.rank"]) }
            type Maker @key(fields: "id") { id: ID! rank: Int @external }`,
        },
      },
      objectives: { PROBE: `inputs: ${own}\noutputs: { seen: { type: String } }` },
      models: [{ key: 'probe@1', features: own, outputs: '{ seen: { type: String } }' }],
    })
    const answer = await query('{ films { seen } }')
    expect(answer.errors).toBeUndefined()
    expect(seen(answer.data!.films)).toEqual([{ rank: 1 }, { rank: null }])
  })

  it.each([
    ['missing', { year: 1990 }, undefined],
    ['error', null, 'BAD_FEATURE'],
  ])('that are null do what onNull: %s says', async (onNull, row, code) => {
    const own = `{ year: { type: Int, default: 1990, onNull: ${onNull} } }`
    const { query } = await start({
      subgraphs: {
        catalog,
        ratings: {
          sdl: `type Title @key(fields: "id") { id: ID! year: Int @external
            seen: String @requires(fields: "year") @predict(objective: "PROBE") }`,
        },
      },
      objectives: { PROBE: `inputs: ${own}\noutputs: { seen: { type: String } }` },
      models: [{ key: 'probe@1', features: own, outputs: '{ seen: { type: String } }' }],
    })
    const answer = await query('{ titles { seen } }')
    expect(seen(answer.data!.titles)).toEqual([{ year: 1999 }, row, { year: 2001 }])
    expect(places(answer)).toEqual(code === undefined ? [] : [`titles.1.seen: ${code}`])
  })
})
