import { PresageError } from '../../../lib/errors'
import type { Router } from '../../../routing/ruleSet/router'
import { createServices, type Service, type ServiceParts } from '../service'

/** Prediction fields answer the same whether they are asked by columns or row by row. */

const start = createServices()

const shelf = [
  { id: '1', year: 1990, tags: ['a', 'b'], size: 1 },
  { id: '2', year: null, tags: [], size: 2 },
  { id: '3', year: 2001, tags: ['a', null], size: 3 },
  { id: '4', year: 1, tags: ['c'], size: 'wide' },
  { id: '1', year: 1990, tags: ['a', 'b'], size: 1 },
  { id: 'unknown', year: 5, tags: [], size: 5 },
]

const parts: ServiceParts = {
  subgraphs: {
    library: {
      sdl: `
        type Query {
          books(n: Int): [Book]
          rows: [[Book!]!]
          one(id: ID!): Book
          strict: [Book!]!
          stranger: Book
        }
        type Book @key(fields: "id") {
          id: ID!
          year: Int
          tags: [String!]
          size: Int
          genre: Genre
          author: Author
        }
        type Author {
          name: String
          born: Int!
        }
        enum Genre { NEW OLD }`,
      resolvers: {
        Query: {
          books: (_: unknown, { n }: { n?: number }) => [...shelf.slice(0, n ?? 10), null],
          rows: () => [shelf.slice(0, 2), [], [Promise.resolve(shelf[2])]],
          one: async (_: unknown, { id }: { id: string }) => shelf.find((book) => book.id === id) ?? { id },
          strict: () => shelf.slice(0, 3),
          stranger: () => ({ id: 'unknown' }),
        },
        Genre: { NEW: 1, OLD: 2 },
        Book: {
          genre: ({ year }: { year: number | null }) => ((year ?? 0) > 1995 ? 1 : 2),
          year: ({ id, year }: { id: string; year: number | null }) => {
            if (id === '3') throw new Error('lost')
            return year
          },
          author: ({ id }: { id: string }) => ({ name: `a${id}`, born: id === '2' ? null : 1900 }),
        },
      },
    },
    scores: {
      sdl: `
        type Book @key(fields: "id") {
          id: ID!
          year: Int @external
          tags: [String!] @external
          size: Int @external
          genre: Genre @external
          author: Author @external

          seen(text: String = "t", flag: Flag): String
            @requires(fields: "year genre author { name }")
            @predict(objective: "PROBE", inputs: ["name: parent.author.name"])
          both(text: String): Both
            @requires(fields: "size")
            @predict(objective: "BOTH", inputs: ["size: parent.size"])
          tagged: String
            @requires(fields: "tags")
            @predict(objective: "TAGS")
        }
        type Author {
          name: String @external
        }
        type Both {
          seen: String
          level: Level
          items: [Item!]
          odd: Float
        }
        type Item {
          book: Book
          rank: Int
        }
        enum Genre { NEW OLD }
        enum Flag { UP DOWN }
        enum Level { LOW HIGH }`,
      resolvers: { Flag: { UP: 'u', DOWN: 'd' }, Level: { LOW: 1, HIGH: 2 } },
    },
    own: {
      sdl: `
        type Query {
          things(n: Int): [Thing!]
          lone: Thing
          direct(x: Int): String @predict(objective: "OWN", inputs: ["slow: args.x", "plain: args.x"])
        }
        type Thing @key(fields: "id") {
          id: ID!
          plain: Int
          slow: Int
          own: String @predict(objective: "OWN")
          pinned: String @predict(model: "pin")
        }`,
      resolvers: {
        Query: {
          things: (_: unknown, { n }: { n?: number }) =>
            [1, 2, 3, 4, 5]
              .slice(0, n ?? 5)
              .map((id) => (id === 4 ? Promise.resolve({ id, plain: id }) : { id, plain: id })),
          lone: async () => ({ id: 9, plain: () => 9 }),
        },
        Thing: {
          slow: ({ id }: { id: number }) => {
            if (id === 2) throw new Error('secret')
            return id === 3 ? Promise.reject(new Error('secret')) : id === 1 ? id : Promise.resolve(id)
          },
        },
      },
    },
  },
  objectives: {
    PROBE: `
inputs:
  year: { type: Int, nullable: true }
  genre: { type: enum, labels: [NEW, OLD], nullable: true }
  name: { type: String, nullable: true }
  text: { type: String, nullable: true }
  flag: { type: String, default: none }
  member: { type: ID, default: "0" }
outputs:
  seen: { type: String }`,
    BOTH: `
inputs:
  size: { type: Int, range: [0, 2], nullable: true }
  text: { type: String, default: "d" }
outputs:
  seen: { type: String }
  level: { type: enum, labels: [LOW, HIGH] }
  items: { type: list, of: { book: { type: entity, of: Book }, rank: { type: Int } } }
  odd: { type: Float }`,
    TAGS: 'inputs: { tags: { type: "[String!]", nullable: true } }\noutputs: { seen: { type: String } }',
    OWN: 'inputs: { slow: { type: Int, nullable: true }, plain: { type: Int, nullable: true } }\noutputs: { seen: { type: String } }',
  },
  rules: { BOTH: 'both@1', TAGS: 'tags@1', OWN: 'own@1' },
  contextKeys: { member: 'string' },
  models: [
    {
      key: 'probe@1',
      features: `{ year: { type: Int, nullable: true }, genre: { type: enum, labels: [NEW, OLD], nullable: true }, name: { type: String, nullable: true },
        text: { type: String, nullable: true }, flag: { type: String, default: none }, member: { type: ID, default: "0" } }`,
      outputs: '{ seen: { type: String } }',
    },
    {
      key: 'both@1',
      features:
        '{ size: { type: Int, range: [0, 2], nullable: true }, text: { type: String, default: "d" } }',
      outputs:
        '{ seen: { type: String }, level: { type: enum, labels: [LOW, HIGH] }, items: { type: list, of: { book: { type: entity, of: Book }, rank: { type: Int } } }, odd: { type: Float } }',
      make: {
        level: ({ size }) => (Number(size) > 1 ? 'HIGH' : 'LOW'),
        items: ({ size }) => [{ book: { id: String(size) }, rank: 1 }],
        odd: ({ size }) => (size === 2 ? new PresageError('BAD_OUTPUT', 'odd') : 0.5),
      },
    },
    {
      key: 'tags@1',
      features: '{ tags: { type: "[String!]", nullable: true } }',
      outputs: '{ seen: { type: String } }',
    },
    {
      key: 'own@1',
      features: '{ slow: { type: Int, nullable: true }, plain: { type: Int, nullable: true } }',
      outputs: '{ seen: { type: String } }',
    },
    {
      key: 'pin@1',
      features: '{ plain: { type: Int, nullable: true } }',
      outputs: '{ seen: { type: String } }',
    },
  ],
}

type Operation = readonly [text: string, variables?: Record<string, unknown>]

const operations: readonly Operation[] = [
  ['{ books { id seen } }'],
  ['{ books(n: 2) { a: seen(text: "x") b: seen(text: null, flag: UP) seen(flag: DOWN) } }'],
  ['query ($t: String, $f: Flag) { books { seen(text: $t, flag: $f) } }', { t: 'v', f: 'UP' }],
  ['query ($t: String) { books { seen(text: $t) both(text: $t) { seen } } }', {}],
  ['{ books { both { seen level odd items { rank book { id year } } } tagged } }'],
  ['{ books { __typename both { __typename level } year size } }'],
  [
    '{ rows { id seen both { odd } } one(id: "2") { seen } none: one(id: "0") { seen tagged } stranger { seen } }',
  ],
  ['{ strict { tagged seen } }'],
  [
    'query ($y: Boolean!) { books { seen @include(if: $y) tagged @skip(if: $y) both @skip(if: $y) { seen } } }',
    { y: true },
  ],
  ['query ($y: Boolean!) { books { seen @include(if: $y) tagged @skip(if: $y) } }', { y: false }],
  [
    '{ books { ...A } strict { ...A } } fragment A on Book { seen both { ...B } } fragment B on Both { level seen }',
  ],
  ['{ things { id own pinned } lone { own pinned } }'],
  ['{ things(n: 1) { own own2: own slow plain } direct(x: 3) bad: direct }'],
]

async function both(more: Partial<ServiceParts>): Promise<readonly [Service, Service]> {
  const byColumns = await start({ ...parts, ...more })
  return [byColumns, await start({ ...parts, ...more, byRow: true })]
}

/** Order of errors is the order in which things failed, which may differ. */
async function answer(service: Service, [text, variables]: Operation) {
  const { data, errors } = await service.query(text, variables, { context: { member: '7' } })
  return { data, errors: errors?.map((error) => JSON.stringify(error)).sort() }
}

test.each(operations.map((operation) => [operation[0], operation] as const))('%s', async (_, operation) => {
  const [columns, rows] = await both({})
  const expected = await answer(rows, operation)
  expect(expected.data).toBeDefined()
  expect(await answer(columns, operation)).toEqual(expected)
  expect(columns.batches.map(({ rows }) => rows.length).reduce((a, b) => a + b, 0)).toBe(
    rows.batches.map(({ rows }) => rows.length).reduce((a, b) => a + b, 0),
  )
})

test.each(operations.map((operation) => [operation[0], operation] as const))(
  'where no version is ready: %s',
  async (_, operation) => {
    const services = await both({})
    for (const { serving } of services) {
      for (const version of serving.registry.list())
        serving.registry.set({ ...version, state: { is: 'refused', reason: 'for the test' } })
    }
    const [columns, rows] = services
    const expected = await answer(rows, operation)
    expect(JSON.stringify(expected.errors)).toContain('MODEL_NOT_READY')
    expect(await answer(columns, operation)).toEqual(expected)
  },
)

test('the same where rows go different ways, and one way leads nowhere', async () => {
  const perRow: Router = {
    for: (objective) => ({
      perRow: true,
      decide: () => ({ objective, model: 'own@1', shard: 'main', reason: 'default' }),
      decideRow: (_, columns, row) => ({
        objective,
        model: Number(columns[1][row]) % 2 === 1 ? 'own@1' : 'own@7',
        shard: 'main',
        reason: 'rule',
      }),
    }),
  }
  const [columns, rows] = await both({ router: perRow })
  const operation: Operation = ['{ things(n: 1) { own } a: direct(x: 1) b: direct(x: 2) }']
  const expected = await answer(rows, operation)
  expect(JSON.stringify(expected)).toContain('MODEL_NOT_FOUND')
  expect(await answer(columns, operation)).toEqual(expected)
})

test('rows beyond what a request may have are refused, those before them answered', async () => {
  const [columns] = await both({ maxRows: 2 })
  const { data, errors } = await columns.query('{ books(n: 4) { tagged } }')
  expect(data?.books).toHaveLength(5)
  expect(errors).toContainEqual(
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'TOO_MANY_ROWS' }) }),
  )
  expect(columns.batches.flatMap(({ rows }) => rows)).toHaveLength(2)
})

test('all rows of a field come to the model in one batch, entities of a fetch in place', async () => {
  const [columns] = await both({})
  const { data } = await columns.query('{ strict { tagged } books(n: 1) { tagged } }')
  expect(JSON.stringify(data?.strict)).toContain('"tags')
  expect(columns.batches).toHaveLength(1)
})
