import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Clock } from '../../../lib/clock'
import { PresageError } from '../../../lib/errors'
import { federate, linkFederation, places } from '../federate'
import { fail } from '../titles'

interface Reference {
  readonly id: string
}

/** Entities of two owners, in lists, in lists of lists and alone. */
function library(overrides: { tag?(reference: Reference): unknown; nodes?: unknown[] } = {}) {
  return federate({
    a: {
      typeDefs: `
        type Query { one: Item two: [Item] three: [Item!]! grid: [[Item]] nodes: [Node] things: [Thing] }
        interface Node { id: ID! }
        union Thing = Item | Box
        type Item implements Node @key(fields: "id") { id: ID! name: String children: [Item!] }
        type Box implements Node @key(fields: "id") { id: ID! width: Int }`,
      resolvers: {
        Query: {
          one: () => ({ id: '1' }),
          two: () => [{ id: '1' }, null, { id: '2' }],
          three: () => [{ id: '2' }, { id: '1' }, { id: '2' }],
          grid: () => [[{ id: '1' }, { id: '3' }], null, [{ id: '1' }]],
          nodes: () =>
            overrides.nodes ?? [
              { __typename: 'Item', id: '1' },
              { __typename: 'Box', id: '7' },
            ],
          things: () => [
            { __typename: 'Box', id: '7' },
            { __typename: 'Item', id: '1' },
          ],
        },
        Item: { name: ({ id }: Reference) => `item ${id}`, children: () => [{ id: '8' }, { id: '9' }] },
        Box: { width: () => 3 },
      },
    },
    b: {
      typeDefs: `
        type Item @key(fields: "id") { id: ID! tag(of: String): String size: Int! }
        type Box @key(fields: "id") { id: ID! tag: String }`,
      resolvers: {
        Item: {
          tag: (reference: Reference, { of }: { of?: string }) =>
            overrides.tag ? overrides.tag(reference) : `${of ?? 'tag'} ${reference.id}`,
          size: ({ id }: Reference) => (id === '3' ? fail('size') : Number(id)),
        },
        Box: { tag: ({ id }: Reference) => `box ${id}` },
      },
    },
  })
}

describe('fetching entities', () => {
  test('the same entity at several places is asked for once', async () => {
    const federation = library()
    expect(await federation.query('{ three { tag } }')).toEqual({
      data: { three: [{ tag: 'tag 2' }, { tag: 'tag 1' }, { tag: 'tag 2' }] },
    })
    expect(federation.sent[1].variables['representations']).toEqual([
      { __typename: 'Item', id: '2' },
      { __typename: 'Item', id: '1' },
    ])
  })

  test('several paths and several kinds of entities are one batched request', async () => {
    const federation = library()
    const answer = await federation.query('{ one { tag } two { tag } nodes { ... on Box { tag } } }')
    expect(answer).toEqual({
      data: {
        one: { tag: 'tag 1' },
        two: [{ tag: 'tag 1' }, null, { tag: 'tag 2' }],
        nodes: [{}, { tag: 'box 7' }],
      },
    })
    expect(federation.sent.map(({ subgraph }) => subgraph)).toEqual(['a', 'b'])
    expect(federation.sent[1].text).toBe(
      'query($representations0:[_Any!]!,$representations1:[_Any!]!){' +
        '_e0:_entities(representations:$representations0){...on Box{tag}} ' +
        '_e1:_entities(representations:$representations1){...on Item{tag}}}',
    )
  })

  test('a list that is empty beside others is sent empty', async () => {
    const federation = library({ nodes: [] })
    const answer = await federation.query('{ one { tag } nodes { ... on Box { tag } } }')
    expect(answer).toEqual({ data: { one: { tag: 'tag 1' }, nodes: [] } })
    const lists = Object.values(federation.sent[1].variables) as unknown[][]
    expect(lists.map((list) => list.length).sort()).toEqual([0, 1])
  })

  test('one entity at two paths does not share what later fetches bring', async () => {
    const federation = federate({
      a: {
        typeDefs: 'type Query { one: Item two: Item } type Item @key(fields: "id") { id: ID! }',
        resolvers: { Query: { one: () => ({ id: '1' }), two: () => ({ id: '1' }) } },
      },
      b: {
        typeDefs: `type Item @key(fields: "id") { id: ID! friend: Friend }
          type Friend @key(fields: "id") { id: ID! }`,
        resolvers: { Item: { friend: ({ id }: Reference) => ({ id: `friend of ${id}` }) } },
      },
      c: {
        typeDefs: 'type Friend @key(fields: "id") { id: ID! greet(word: String!): String }',
        resolvers: { Friend: { greet: ({ id }: Reference, { word }: { word: string }) => `${word}, ${id}` } },
      },
    })
    const text = '{ one { friend { greet(word: "hi") } } two { friend { greet(word: "yo") } } }'
    expect(await federation.query(text)).toEqual({
      data: {
        one: { friend: { greet: 'hi, friend of 1' } },
        two: { friend: { greet: 'yo, friend of 1' } },
      },
    })
    expect(federation.sent.filter(({ subgraph }) => subgraph === 'b')).toHaveLength(1)
  })

  test('an entity that is at two paths is copied once, however often it is at them', async () => {
    const rest = Array.from({ length: 100 }, () => ({ id: '1' }))
    let reads = 0
    const entity = {
      get parts() {
        reads++
        return [{ name: 'wheel' }]
      },
    }
    const federation = federate({
      a: {
        typeDefs: 'type Query { one: Item rest: [Item] } type Item @key(fields: "id") { id: ID! }',
        resolvers: { Query: { one: () => ({ id: '1' }), rest: () => rest } },
      },
      b: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! parts: [Part] } type Part { name: String }',
        executor: () => ({
          execute: async ({ text }) => ({
            data: { [/\w+(?=:_entities)/.exec(text)?.[0] ?? '_entities']: [entity] },
          }),
        }),
      },
    })
    const item = { parts: [{ name: 'wheel' }] }
    expect(await federation.query('{ one { parts { name } } rest { parts { name } } }')).toEqual({
      data: { one: item, rest: rest.map(() => item) },
    })
    expect(reads).toBe(2)
  })

  test('entities at far more places than an answer may have values are not asked for', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => ({ id: String(at) }))
    const federation = federate(
      {
        a: {
          typeDefs: `type Query { episodes: [Episode] } type Episode { series: Series }
            type Series @key(fields: "id") { id: ID! }`,
          resolvers: { Query: { episodes: () => ids.map(() => ({ series: { id: '1' } })) } },
        },
        b: {
          typeDefs: `type Series @key(fields: "id") { id: ID! cast: [Person] }
            type Person @key(fields: "id") { id: ID! }`,
          resolvers: { Series: { cast: () => ids } },
        },
        c: {
          typeDefs: 'type Person @key(fields: "id") { id: ID! name: String }',
          resolvers: { Person: { name: () => 'Ann' } },
        },
      },
      { limits: { answer: { values: 100, bytes: 100_000 } } },
    )
    const answer = await federation.query('{ episodes { series { cast { name } } } }')
    expect(places(answer)).toEqual(['-: ANSWER_TOO_LARGE'])
    expect(federation.sent.map(({ subgraph }) => subgraph)).toEqual(['a', 'b'])
  })

  test('errors of a part that entities share at more places than an answer may have values end the answer', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => ({ id: String(at) }))
    const federation = federate(
      {
        a: {
          typeDefs: `type Query { episodes: [Episode] } type Episode { series: Series }
            type Series @key(fields: "id") { id: ID! }`,
          resolvers: { Query: { episodes: () => ids.map(() => ({ series: { id: '1' } })) } },
        },
        b: {
          typeDefs: `type Series @key(fields: "id") { id: ID! cast: [Person!] } type Person { name: String! }`,
          resolvers: { Series: { cast: () => null } },
          executor: (local) => ({
            ...local,
            execute: async () => ({
              data: { _entities: [{ cast: null }] },
              errors: ids.map(
                (_, at) => new GraphQLError('no name', { path: ['_entities', 0, 'cast', at, 'name'] }),
              ),
            }),
          }),
        },
      },
      { limits: { answer: { values: 100, bytes: 100_000 } } },
    )
    const answer = await federation.query('{ episodes { series { cast { name } } } }')
    expect(places(answer)).toEqual(['-: ANSWER_TOO_LARGE'])
    expect(answer.errors?.[0].message).toContain('episodes.series.cast.name: ')
  })

  test('a long error of a subgraph elsewhere is told briefly once it takes more than an answer may have', async () => {
    const ids = Array.from({ length: 4 }, (_, at) => ({ id: String(at) }))
    const error = {
      message: 'x'.repeat(1000),
      path: ['_entities'],
      extensions: { code: 'BROKEN', query: 'y'.repeat(200) },
    }
    const answer = { data: { _entities: null }, errors: [error] } as unknown as ExecutionResult
    const federation = federate(
      {
        a: {
          typeDefs: 'type Query { all: [Title] } type Title @key(fields: "id") { id: ID! }',
          resolvers: { Query: { all: () => ids } },
        },
        b: {
          typeDefs: 'type Title @key(fields: "id") { id: ID! name: String }',
          executor: (local) => ({ ...local, execute: async () => answer }),
        },
      },
      { limits: { answer: { values: 100, bytes: 3000 } } },
    )
    const { data, errors = [] } = await federation.query('{ all { name } }')
    expect(data).toEqual({ all: ids.map(() => ({ name: null })) })
    expect(errors.map(({ message, path }) => [message.length, path])).toEqual(
      [1000, 1000, 103, 103].map((length, at) => [length, ['all', at, 'name']]),
    )
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      error.extensions,
      error.extensions,
      { code: 'BROKEN' },
      { code: 'BROKEN' },
    ])
  })

  test('lists of lists are entered to their bottom', async () => {
    expect(await library().query('{ grid { id tag } }')).toEqual({
      data: {
        grid: [
          [
            { id: '1', tag: 'tag 1' },
            { id: '3', tag: 'tag 3' },
          ],
          null,
          [{ id: '1', tag: 'tag 1' }],
        ],
      },
    })
  })

  test('type conditions choose what is asked of whom', async () => {
    const federation = library()
    const text = `{
      nodes { ... on Item { tag } ... on Box { width t: tag } }
      things { __typename ... on Node { id } ... on Item { children { tag } } }
    }`
    expect(await federation.query(text)).toEqual({
      data: {
        nodes: [{ tag: 'tag 1' }, { width: 3, t: 'box 7' }],
        things: [
          { __typename: 'Box', id: '7' },
          { __typename: 'Item', id: '1', children: [{ tag: 'tag 8' }, { tag: 'tag 9' }] },
        ],
      },
    })
  })

  test('no request is sent for an empty list', async () => {
    const federation = library({ nodes: [] })
    expect(await federation.query('{ nodes { ... on Item { tag } } }')).toEqual({ data: { nodes: [] } })
    expect(federation.sent).toHaveLength(1)
  })

  test('an argument is given its variable, and one that was left out stays out', async () => {
    const federation = library()
    const text = 'query ($of: String, $other: String) { one { a: tag(of: $of) b: tag(of: $other) } }'
    expect(await federation.query(text, { of: 'x' })).toEqual({ data: { one: { a: 'x 1', b: 'tag 1' } } })
    const [, { variables }] = federation.sent
    expect(variables).toEqual({ representations: [{ __typename: 'Item', id: '1' }], v0: 'x' })
  })

  test('a fetch under a condition is not sent where the condition does not hold', async () => {
    const federation = library()
    const text = 'query ($yes: Boolean!) { one { name tag @include(if: $yes) } }'
    expect(await federation.query(text, { yes: false })).toEqual({ data: { one: { name: 'item 1' } } })
    expect(federation.sent).toHaveLength(1)
    expect(await federation.query(text, { yes: true })).toEqual({
      data: { one: { name: 'item 1', tag: 'tag 1' } },
    })
  })
})

describe('errors of subgraphs', () => {
  test('an error of an entity stands at every place of the entity', async () => {
    const tag = ({ id }: Reference) => (id === '1' ? fail('tag') : `tag ${id}`)
    const answer = await library({ tag }).query('{ three { t: tag } grid { tag } }')
    expect(places(answer)).toEqual(['grid.0.0.tag: BROKEN', 'grid.2.0.tag: BROKEN', 'three.1.t: BROKEN'])
    expect(answer.data).toEqual({
      three: [{ t: 'tag 2' }, { t: null }, { t: 'tag 2' }],
      grid: [[{ tag: null }, { tag: 'tag 3' }], null, [{ tag: null }]],
    })
  })

  test.each([
    ['without a path', undefined, '{ cup { size } pot { size } }'],
    ['whose path leads nowhere', ['_entities', 0, 'size'], '{ cup { size } pot { size } }'],
    ['whose path leads beyond the list', ['_entities', 1, 'size'], '{ cup { size } }'],
  ])('an error %s is told once, however many lists of entities were asked for', async (_, path, query) => {
    const federation = federate({
      a: {
        typeDefs: `
          type Query { cup: Cup pot: Pot }
          type Cup @key(fields: "id") { id: ID! }
          type Pot @key(fields: "id") { id: ID! }`,
        resolvers: { Query: { cup: () => ({ id: '1' }), pot: () => ({ id: '2' }) } },
      },
      b: {
        typeDefs: `
          type Cup @key(fields: "id") { id: ID! size: Int }
          type Pot @key(fields: "id") { id: ID! size: Int }`,
        resolvers: { Cup: { size: () => 1 }, Pot: { size: () => 2 } },
        executor: (local) => ({
          ...local,
          execute: async (...call) => ({
            ...(await local.execute(...call)),
            errors: [new GraphQLError('is slow today', { path })],
          }),
        }),
      },
    })
    const answer = await federation.query(query)
    expect(answer.data).toMatchObject({ cup: { size: 1 } })
    expect(places(answer)).toEqual(['-: is slow today'])
  })

  test('a non-null field that failed makes null what stands above it, up to what may be null', async () => {
    const answer = await library().query('{ grid { id size } }')
    expect(answer.data).toEqual({ grid: [[{ id: '1', size: 1 }, null], null, [{ id: '1', size: 1 }]] })
    expect(places(answer)).toEqual(['grid.0.1.size: BROKEN'])
  })

  test('a null that the schema does not allow and nobody explained is an error of its own', async () => {
    const federation = federate({
      a: {
        typeDefs: 'type Query { all: [Item!] } type Item @key(fields: "id") { id: ID! }',
        resolvers: { Query: { all: () => [{ id: '1' }, { id: '2' }] } },
      },
      b: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! size: Int! }',
        resolvers: {
          Item: { __resolveReference: ({ id }: Reference) => (id === '1' ? { id, size: 1 } : null) },
        },
      },
    })
    const answer = await federation.query('{ all { size } }')
    expect(answer.data).toEqual({ all: null })
    expect(answer.errors?.map(({ message, path }) => [message, path])).toEqual([
      ['Cannot return null for non-nullable field Item.size.', ['all', 1, 'size']],
    ])
  })

  test.each<[string, () => Promise<ExecutionResult>]>([
    ['rejects', () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7'))],
    ['answers without data', async () => ({ errors: [] })],
    ['answers nothing at all', async () => undefined as unknown as ExecutionResult],
  ])('a subgraph that %s fails all that was asked of it, in its name', async (_, execute) => {
    const federation = federate({
      a: {
        typeDefs: 'type Query { here: Int there: Int }',
        executor: () => ({ execute }),
      },
      b: { typeDefs: 'type Query { elsewhere: Int }', resolvers: { Query: { elsewhere: () => 3 } } },
    })
    const answer = await federation.query('{ x: here elsewhere there }')
    expect(answer.data).toEqual({ x: null, elsewhere: 3, there: null })
    expect(places(answer)).toEqual(['there: UPSTREAM_FAILED', 'x: UPSTREAM_FAILED'])
    expect(answer.errors?.[0].message).toBe('subgraph a: expected an answer, but it failed')
  })

  test('a failed fetch of many entities, each of which lacks an input of another field, is told once at each', async () => {
    const items = Array.from({ length: 1_000 }, (_, at) => ({ id: String(at) }))
    const federation = federate({
      a: {
        typeDefs: 'type Query { items: [Item] } type Item @key(fields: "id") { id: ID! }',
        resolvers: { Query: { items: () => items } },
      },
      facts: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! size: Int! }',
        resolvers: { Item: { __resolveReference: () => null } },
      },
      shop: {
        typeDefs: `type Item @key(fields: "id") {
          id: ID! size: Int! @external stock: Int parcel: String @requires(fields: "size") }`,
        executor: () => ({ execute: () => Promise.reject(new Error('shop is closed')) }),
      },
    })
    const { data, errors } = await federation.query('{ items { stock parcel } }')
    expect(data?.['items']).toEqual(items.map(() => ({ stock: null, parcel: null })))
    expect(errors).toHaveLength(items.length)
    expect(errors?.[7].path).toEqual(['items', 7, 'stock'])
  })

  test('a coded error keeps its code and details through the gateway', async () => {
    const overloaded = new PresageError('OVERLOADED', 'the queue is full', { shard: 'main' })
    const tag = () => {
      throw overloaded
    }
    const answer = await library({ tag }).query('{ one { tag } }')
    expect(answer.errors?.[0].extensions).toEqual({ code: 'OVERLOADED', shard: 'main' })
    expect(answer.errors?.[0].originalError).toBe(overloaded)
  })
})

describe('deadline and disconnect', () => {
  function heldClock() {
    const timers: (() => void)[] = []
    let now = 0
    const clock: Clock = {
      now: () => now,
      after(_, callback) {
        timers.push(callback)
        return () => {}
      },
    }
    const pass = () => {
      now += 3_600_000
      for (const callback of timers.splice(0)) callback()
    }
    return { clock, pass }
  }

  test('a subgraph that does not answer in time fails its fields; what others answered stands', async () => {
    const { clock, pass } = heldClock()
    const federation = federate(
      {
        a: {
          typeDefs: 'type Query { fast: Int next: Item } type Item @key(fields: "id") { id: ID! }',
          resolvers: { Query: { fast: () => 1, next: () => ({ id: '1' }) } },
        },
        b: {
          typeDefs: 'type Item @key(fields: "id") { id: ID! slow: Int }',
          executor: () => ({
            execute: () => {
              pass()
              return new Promise(() => {})
            },
          }),
        },
      },
      { clock },
    )
    const answer = await federation.query('{ fast next { id slow } }')
    expect(answer.data).toEqual({ fast: 1, next: { id: '1', slow: null } })
    expect(places(answer)).toEqual(['next.slow: DEADLINE_EXCEEDED'])
  })

  test('what does not depend on it is answered, whatever subgraphs that takes', async () => {
    const { clock, pass } = heldClock()
    const federation = federate(
      {
        a: {
          typeDefs: 'type Query { next: Item } type Item @key(fields: "id") { id: ID! }',
          resolvers: { Query: { next: () => ({ id: '1' }) } },
        },
        b: {
          typeDefs:
            'type Item @key(fields: "id") { id: ID! size: Int } type Box @key(fields: "id") { id: ID! size: Int }',
          resolvers: { Item: { size: () => 3 }, Box: { size: () => 4 } },
        },
        c: {
          typeDefs: 'type Query { slow: Int box: Box } type Box @key(fields: "id") { id: ID! }',
          executor: () => ({ execute: () => new Promise(() => {}) }),
        },
        // Asked once b has answered.
        d: {
          typeDefs:
            'type Item @key(fields: "id") { id: ID! size: Int @external label: String @requires(fields: "size") }',
          executor: () => ({
            execute: () => {
              pass()
              return new Promise(() => {})
            },
          }),
        },
      },
      { clock },
    )
    const answer = await federation.query('{ slow box { size } next { size label } }')
    expect(answer.data).toEqual({ slow: null, box: null, next: { size: 3, label: null } })
    expect(places(answer)).toEqual([
      'box: DEADLINE_EXCEEDED',
      'next.label: DEADLINE_EXCEEDED',
      'slow: DEADLINE_EXCEEDED',
    ])
  })

  test('nothing more is sent for a client that has gone', async () => {
    const federation = library()
    const abort = new AbortController()
    abort.abort()
    const answer = await federation.query('{ one { tag } }', undefined, { signal: abort.signal })
    expect(places(answer)).toEqual(['one: CANCELLED'])
    expect(federation.sent).toEqual([])
  })

  test('nor for an answer that has become too large', async () => {
    let isSent = () => {}
    const sizeIsAskedFor = new Promise<void>((resolve) => {
      isSent = resolve
    })
    const federation = federate(
      {
        a: {
          typeDefs: 'type Query { many: [Thing] } type Thing { n: Int }',
          resolvers: { Query: { many: () => sizeIsAskedFor.then(() => new Array(5000).fill({ n: 1 })) } },
        },
        b: {
          typeDefs: 'type Query { next: Item } type Item @key(fields: "id") { id: ID! }',
          resolvers: { Query: { next: () => ({ id: '1' }) } },
        },
        c: {
          typeDefs: 'type Item @key(fields: "id") { id: ID! size: Int }',
          executor: () => ({
            execute: () => {
              isSent()
              return new Promise(() => {})
            },
          }),
        },
        d: {
          typeDefs:
            'type Item @key(fields: "id") { id: ID! size: Int @external weight: Int @requires(fields: "size") }',
        },
      },
      { limits: { answer: { values: 2000, bytes: 1_000_000 } } },
    )
    const answer = await federation.query('{ many { n } next { weight } }')
    expect(answer.errors?.map(({ extensions }) => extensions['code'])).toEqual(['ANSWER_TOO_LARGE'])
    expect(federation.sent.map(({ subgraph }) => subgraph)).toEqual(['a', 'b', 'c'])
  })
})

describe('federation directives', () => {
  test('compound and nested keys', async () => {
    const federation = federate({
      a: {
        typeDefs: `
          type Query { seats: [Seat] }
          type Seat @key(fields: "row hall { id city { name } }") { row: Int! hall: Hall! }
          type Hall @shareable { id: ID! city: City! name: String }
          type City @shareable { name: String! }`,
        resolvers: {
          Query: {
            seats: () => [
              { row: 1, hall: { id: 'h', city: { name: 'Oslo' } } },
              { row: 2, hall: { id: 'h', city: { name: 'Rome' } } },
            ],
          },
        },
      },
      b: {
        typeDefs: `
          type Seat @key(fields: "row hall { id city { name } }") { row: Int! hall: Hall! price: String }
          type Hall @shareable { id: ID! city: City! }
          type City @shareable { name: String! }`,
        resolvers: {
          Seat: {
            price: ({ row, hall }: { row: number; hall: { id: string; city: { name: string } } }) =>
              `${hall.city.name} ${hall.id} ${row}`,
          },
        },
      },
    })
    expect(await federation.query('{ seats { price } }')).toEqual({
      data: { seats: [{ price: 'Oslo h 1' }, { price: 'Rome h 2' }] },
    })
  })

  test('@requires with an argument reads the value that was fetched for it, not the one of the client', async () => {
    const federation = federate({
      a: {
        typeDefs:
          'type Query { one: Item } type Item @key(fields: "id") { id: ID! price(in: String): String }',
        resolvers: {
          Query: { one: () => ({ id: '1' }) },
          Item: { price: (_: unknown, args: { in?: string }) => `price in ${args.in ?? 'EUR'}` },
        },
      },
      b: {
        typeDefs: `type Item @key(fields: "id") {
          id: ID!
          price(in: String): String @external
          label: String @requires(fields: "price(in: \\"USD\\")")
        }`,
        resolvers: { Item: { label: ({ price }: { price: string }) => `label of ${price}` } },
      },
    })
    expect(await federation.query('{ one { label price price2: price(in: "NOK") } }')).toEqual({
      data: { one: { label: 'label of price in USD', price: 'price in EUR', price2: 'price in NOK' } },
    })
  })

  test('@requires of nested values, and of values that differ between two places of one entity', async () => {
    let year = 2000
    const federation = federate({
      a: {
        typeDefs: `type Query { all: [Item] }
          type Item @key(fields: "id") { id: ID! year: Int parts: [Part!] }
          type Part @shareable { name: String size: Int }`,
        resolvers: {
          Query: { all: () => [{ id: '1' }, { id: '1' }, { id: '2' }] },
          Item: { year: () => year++, parts: ({ id }: Reference) => [{ name: `part of ${id}`, size: 3 }] },
        },
      },
      b: {
        typeDefs: `type Item @key(fields: "id") {
            id: ID!
            year: Int @external
            parts: [Part!] @external
            label: String @requires(fields: "year parts { name }")
          }
          type Part @shareable { name: String }`,
        resolvers: {
          Item: {
            label: ({ id, year, parts }: Reference & { year: number; parts: { name: string }[] }) =>
              `${id} of ${year} with ${JSON.stringify(parts)}`,
          },
        },
      },
    })
    expect(await federation.query('{ all { label } }')).toEqual({
      data: {
        all: [
          { label: '1 of 2000 with [{"name":"part of 1"}]' },
          { label: '1 of 2001 with [{"name":"part of 1"}]' },
          { label: '2 of 2002 with [{"name":"part of 2"}]' },
        ],
      },
    })
    expect(federation.sent[1].variables['representations']).toHaveLength(3)
  })

  test('@provides spares the fetch', async () => {
    const federation = federate({
      a: {
        typeDefs: `type Query { top: Item @provides(fields: "name") }
          type Item @key(fields: "id") { id: ID! name: String @external }`,
        resolvers: { Query: { top: () => ({ id: '1', name: 'from a' }) } },
      },
      b: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! name: String @shareable }',
        resolvers: { Item: { name: () => 'from b' } },
      },
    })
    expect(await federation.query('{ top { name } }')).toEqual({ data: { top: { name: 'from a' } } })
    expect(federation.sent.map(({ subgraph }) => subgraph)).toEqual(['a'])
  })

  test('@requires of what its owner does not know: null where it may be null, else the field is null', async () => {
    const federation = federate({
      shop: {
        typeDefs: `type Query { items: [Item] }
          type Item @key(fields: "id") {
            id: ID! stock: Int size: Int @external maker: Maker! @external
            parcel: String @requires(fields: "size") label: String @requires(fields: "maker { name size }")
          }
          type Maker @key(fields: "id") { id: ID! name: String @external size: Int! @external }`,
        resolvers: {
          Query: { items: () => [{ id: '1' }, { id: '2' }, { id: '3' }] },
          Item: {
            __resolveReference: (item: Reference) => item,
            stock: () => 5,
            parcel: ({ size }: { size: unknown }) => `parcel of ${size}`,
            label: ({ maker }: { maker: { name: unknown } }) => `by ${maker.name}`,
          },
        },
      },
      facts: {
        typeDefs: `type Item @key(fields: "id") { id: ID! size: Int maker: Maker! }
          type Maker @key(fields: "id") { id: ID! size: Int! }`,
        resolvers: {
          Item: {
            __resolveReference: ({ id }: Reference) => (id === '2' ? null : { id }),
            size: () => 7,
            maker: ({ id }: Reference) => ({ id: `m${id}`, size: 1 }),
          },
        },
      },
      people: {
        typeDefs: 'type Maker @key(fields: "id") { id: ID! name: String }',
        resolvers: {
          Maker: { __resolveReference: ({ id }: Reference) => (id === 'm3' ? null : { id, name: 'Ann' }) },
        },
      },
    })
    expect(await federation.query('{ items { stock parcel label } }')).toEqual({
      data: {
        items: [
          { stock: 5, parcel: 'parcel of 7', label: 'by Ann' },
          { stock: 5, parcel: 'parcel of null', label: null },
          { stock: 5, parcel: 'parcel of 7', label: 'by null' },
        ],
      },
    })
  })

  test('@interfaceObject: the other subgraph is asked by the name of the interface', async () => {
    const federation = federate({
      a: {
        typeDefs: `type Query { media: [Media] }
          interface Media @key(fields: "id") { id: ID! }
          type Film implements Media @key(fields: "id") { id: ID! minutes: Int }`,
        resolvers: {
          Query: { media: () => [{ __typename: 'Film', id: '1', minutes: 90 }] },
          Media: { __resolveReference: ({ id }: Reference) => ({ __typename: 'Film', id }) },
        },
      },
      b: {
        typeDefs: `type Query { best: Media }
          type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`,
        resolvers: { Query: { best: () => ({ id: '1' }) }, Media: { stars: () => 5 } },
      },
    })
    expect(await federation.query('{ media { __typename id stars ... on Film { minutes } } }')).toEqual({
      data: { media: [{ __typename: 'Film', id: '1', stars: 5, minutes: 90 }] },
    })
    expect(federation.sent[1].variables['representations']).toEqual([{ __typename: 'Media', id: '1' }])
    expect(await federation.query('{ best { id stars } }')).toEqual({ data: { best: { id: '1', stars: 5 } } })
    expect(await federation.query('{ best { __typename stars } }')).toEqual({
      data: { best: { __typename: 'Film', stars: 5 } },
    })
  })

  test('@interfaceObject: where the own types of objects cannot be fetched, the error says so', async () => {
    const federation = federate({
      a: {
        typeDefs: `
          interface Media @key(fields: "id") { id: ID! }
          type Film implements Media @key(fields: "id") { id: ID! }`,
        executor: () => ({ execute: () => Promise.reject(new Error('down')) }),
      },
      b: {
        typeDefs: `
          type Query { best: Media }
          type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`,
        resolvers: { Query: { best: () => ({ id: '1', stars: 5 }) } },
      },
    })
    const answer = await federation.query('{ best { __typename stars } }')
    expect(answer.data).toEqual({ best: null })
    expect(places(answer)).toEqual(['best: UPSTREAM_FAILED'])
  })

  test('an entity without a key value is not asked for', async () => {
    const federation = federate({
      a: {
        typeDefs: 'type Query { all: [Item] } type Item @key(fields: "code") { code: String }',
        resolvers: { Query: { all: () => [{ code: null }, { code: 'x' }] } },
      },
      b: {
        typeDefs: 'type Item @key(fields: "code") { code: String tag: String }',
        resolvers: { Item: { tag: ({ code }: { code: string }) => `tag ${code}` } },
      },
    })
    expect(await federation.query('{ all { tag } }')).toEqual({
      data: { all: [{ tag: null }, { tag: 'tag x' }] },
    })
    expect(federation.sent[1].variables['representations']).toEqual([{ __typename: 'Item', code: 'x' }])
  })
})

test('mutations run in the order written, over all subgraphs', async () => {
  const done: string[] = []
  const step = (name: string) => ({ Mutation: { [name]: () => done.push(name) } })
  const federation = federate({
    a: {
      typeDefs: `${linkFederation} type Query { q: Int } type Mutation { first: Int third: Int }`,
      resolvers: { Mutation: { ...step('first').Mutation, ...step('third').Mutation } },
    },
    b: { typeDefs: `${linkFederation} type Mutation { second: Int }`, resolvers: step('second') },
  })
  expect(await federation.query('mutation { first second third again: second }')).toEqual({
    data: { first: 1, second: 2, third: 3, again: 4 },
  })
  expect(done).toEqual(['first', 'second', 'third', 'second'])
  expect(federation.sent.map(({ text }) => text.startsWith('mutation'))).toEqual([true, true, true, true])
})

test('an operation whose fields are all skipped leaves no plan to one that asks for types', async () => {
  const federation = federate({
    media: {
      typeDefs: `type Query { x: Int } interface Media @key(fields: "id") { id: ID! }
        type Film implements Media @key(fields: "id") { id: ID! }`,
      resolvers: { Media: { __resolveReference: ({ id }: Reference) => ({ __typename: 'Film', id }) } },
    },
    stars: {
      typeDefs:
        'type Query { best: Media } type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }',
      resolvers: { Query: { best: () => ({ id: '1' }) } },
    },
  })
  expect(await federation.query('{ best { stars @skip(if: true) } }')).toEqual({ data: { best: {} } })
  expect(await federation.query('{ best { __typename } }')).toEqual({
    data: { best: { __typename: 'Film' } },
  })
})

test('a condition that is null is an error of each object in which it stands, once', async () => {
  const federation = federate({
    a: {
      typeDefs: 'type Query { items: [Thing] } type Thing { name: String size: Int }',
      resolvers: { Query: { items: () => [{ name: 'n', size: 1 }] } },
    },
  })
  const text =
    'query ($a: Boolean = false) { items { name @include(if: $a) } y: items { size @skip(if: $a) } }'
  const { data, errors } = await federation.query(text, { a: null })
  expect(data).toEqual({ items: [null], y: [null] })
  const places = errors?.map(({ path, locations }) => [path?.join('.'), locations?.[0].column])
  expect(places).toEqual([
    ['items.0', text.indexOf('$a) }') + 1],
    ['y.0', text.lastIndexOf('$a') + 1],
  ])
})
