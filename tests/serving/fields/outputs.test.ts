import { PresageError } from '../../../lib/errors'
import { places } from '../../gateway/federate'
import { until } from '../../support/until'
import type { MakeOutput } from '../probeModel'
import { createServices, type ServiceParts } from '../service'

const start = createServices()

/** Subgraph `own` asks objective PROBE of one input `x`; `make` makes the outputs. */
function shaped(
  outputs: string,
  sdl: string,
  make: Readonly<Record<string, MakeOutput>>,
  more: Partial<ServiceParts['subgraphs']> = {},
  resolvers: object = {},
) {
  const features = '{ x: { type: Int } }'
  return start({
    subgraphs: { own: { sdl, resolvers: resolvers as never }, ...(more as ServiceParts['subgraphs']) },
    objectives: { PROBE: `inputs: ${features}\noutputs: ${outputs}` },
    models: [{ key: 'probe@1', features, outputs, make }],
  })
}

it('a scalar is the only output, or the one that is named', async () => {
  const { query } = await shaped(
    '{ score: { type: Float }, size: { type: Int } }',
    `type Query { score(x: Int!): Float @predict(objective: "PROBE", output: "score")
       size(x: Int!): Int @predict(objective: "PROBE", output: "size") }`,
    { score: (_, y) => y / 4, size: ({ x }) => x },
  )
  expect(await query('{ score(x: 3) size(x: 4) }')).toEqual({ data: { score: 7.5, size: 4 } })
})

it('an enum is the label, whatever values the subgraph gives its names', async () => {
  const seen: unknown[] = []
  const { query } = await shaped(
    '{ label: { type: enum, labels: [LOW, HIGH] } }',
    `type Query { risk(x: Int!): Risk @predict(objective: "PROBE") } enum Risk { LOW HIGH UNKNOWN }`,
    {
      label: ({ x }) => {
        seen.push(x)
        return Number(x) > 2 ? 'HIGH' : 'LOW'
      },
    },
    {},
    { Risk: { LOW: 1, HIGH: 2 } },
  )
  expect(await query('{ a: risk(x: 1) b: risk(x: 3) }')).toEqual({ data: { a: 'LOW', b: 'HIGH' } })
  expect(seen).toEqual([1, 3])
})

it('so it is within lists, records and objects, and the team resolves fields from its own values', async () => {
  const label = '{ type: enum, labels: [LOW, HIGH] }'
  const { query } = await shaped(
    `{ items: { type: list, of: { risk: ${label}, score: { type: Float } } }, label: ${label} }`,
    `type Query { items(x: Int!): [Item!] @predict(objective: "PROBE") both(x: Int!): Both @predict(objective: "PROBE") }
     type Item { risk: Risk value: Int } type Both { items: [Item!] label: Risk } enum Risk { LOW HIGH }`,
    {
      items: () => [
        { risk: 'HIGH', score: 1 },
        { risk: 'LOW', score: 0 },
      ],
      label: () => 'LOW',
    },
    {},
    { Risk: { LOW: 1, HIGH: 2 }, Item: { value: (item: { risk: number }) => item.risk } },
  )
  const items = [
    { risk: 'HIGH', value: 2 },
    { risk: 'LOW', value: 1 },
  ]
  expect(await query('{ items(x: 1) { risk value } both(x: 1) { label items { risk value } } }')).toEqual({
    data: { items, both: { label: 'LOW', items } },
  })
})

describe('an object', () => {
  const outputs = '{ probability: { type: Float }, label: { type: enum, labels: [LOW, HIGH] } }'
  const sdl = `type Query { risk(x: Int!): Risk @predict(objective: "PROBE") }
    type Risk { probability: Float label: Label summary: String }
    enum Label { LOW HIGH }`
  const built: string[] = []
  const make: Readonly<Record<string, MakeOutput>> = {
    probability: (_, y) => {
      built.push('probability')
      return y
    },
    label: (_, y) => {
      built.push('label')
      return y > 10 ? 'HIGH' : 'LOW'
    },
  }
  const resolvers = {
    Risk: {
      summary: (risk: { probability: number; label: string }) => `${risk.label} at ${risk.probability}`,
    },
  }
  beforeEach(() => built.splice(0))

  it('has outputs by field name, and only those are built that are selected', async () => {
    const { query } = await shaped(outputs, sdl, make, {}, resolvers)
    expect(
      await query('{ risk(x: 2) { probability ...More } } fragment More on Risk { p: probability }'),
    ).toEqual({ data: { risk: { probability: 20, p: 20 } } })
    expect(built).toEqual(['probability'])
    expect(await query('{ risk(x: 1) { label ... on Risk { probability } } }')).toEqual({
      data: { risk: { label: 'LOW', probability: 10 } },
    })
  })

  it('has the fields that the team resolves beside them, from all outputs, whatever else is selected', async () => {
    const { query, plan } = await shaped(outputs, sdl, make, {}, resolvers)
    expect(plan.fields[0].shape).toEqual({ kind: 'object', fields: ['probability', 'label'] })
    expect(await query('{ risk(x: 2) { summary } }')).toEqual({ data: { risk: { summary: 'HIGH at 20' } } })
    expect(await query('{ risk(x: 2) { __typename summary probability } }')).toEqual({
      data: { risk: { __typename: 'Risk', summary: 'HIGH at 20', probability: 20 } },
    })
  })

  it('of which nothing but its type is asked costs no output', async () => {
    const { query } = await shaped(outputs, sdl, make, {}, resolvers)
    expect(await query('{ risk(x: 2) { __typename } }')).toEqual({ data: { risk: { __typename: 'Risk' } } })
    expect(built).toEqual([])
  })

  it('is null as a whole where one of the outputs asked for cannot be made; who did not ask for it is not hurt', async () => {
    const { query, batches } = await shaped(
      outputs,
      sdl,
      { ...make, label: () => new PresageError('BAD_OUTPUT', 'NaN has no label') },
      {},
      resolvers,
    )
    const answer = await query('{ good: risk(x: 2) { probability } bad: risk(x: 2) { probability label } }')
    expect(answer.data).toEqual({ good: { probability: 20 }, bad: null })
    expect(places(answer)).toEqual(['bad: BAD_OUTPUT'])
    expect(batches.map(({ rows }) => rows.length)).toEqual([1])
  })
})

it('a list of scalars is one list output, also where its items are non-null', async () => {
  const { query } = await shaped(
    '{ tags: { type: "[String!]" }, ids: { type: "[ID!]" } }',
    `type Query { tags(x: Int!): [String!] @predict(objective: "PROBE", output: "tags")
       ids(x: Int!): [ID] @predict(objective: "PROBE", output: "ids") }`,
    { tags: ({ x }) => (x === 0 ? [] : ['a', 'b']), ids: () => ['7'] },
  )
  expect(await query('{ some: tags(x: 1) none: tags(x: 0) ids(x: 1) }')).toEqual({
    data: { some: ['a', 'b'], none: [], ids: ['7'] },
  })
})

const owner = {
  catalog: {
    sdl: 'type Title @key(fields: "id") { id: ID! name: String }',
    resolvers: {
      Title: {
        __resolveReference: ({ id }: { id: string }) => (id === '404' ? null : { id, name: `Title ${id}` }),
      },
    },
  },
}
const stub = 'type Title @key(fields: "id", resolvable: false) { id: ID! }'

it('a list of records has their fields, with entities that their owner fills', async () => {
  const { query } = await shaped(
    '{ items: { type: list, of: { title: { type: entity, of: Title }, score: { type: Float }, rank: { type: Int } } } }',
    `type Query { best(x: Int!): [Item!] @predict(objective: "PROBE") } type Item { title: Title score: Float! } ${stub}`,
    {
      items: () => [
        { title: { id: '1' }, score: 0.9, rank: 1 },
        { title: { id: '404' }, score: 0.5, rank: 2 },
      ],
    },
    owner,
  )
  expect(await query('{ best(x: 1) { score title { id name } } }')).toEqual({
    data: {
      best: [
        { score: 0.9, title: { id: '1', name: 'Title 1' } },
        { score: 0.5, title: { id: '404', name: null } },
      ],
    },
  })
})

it('an entity is a stub that its owner fills, alone and in lists', async () => {
  const { query } = await shaped(
    '{ next: { type: entity, of: Title } }',
    `type Query { next(x: Int!): Title @predict(objective: "PROBE") } ${stub}`,
    { next: ({ x }) => ({ id: String(x) }) },
    owner,
  )
  expect(await query('{ next(x: 5) { name } bare: next(x: 6) { id } }')).toEqual({
    data: { next: { name: 'Title 5' }, bare: { id: '6' } },
  })
})

describe('an entity whose fields the predicting subgraph has itself', () => {
  const sdl = `
    type Query {
      next(x: Int!): Title @predict(objective: "NEXT")
      all(x: Int!): [Title] @predict(objective: "ALL")
      best(x: Int!): [Item!] @predict(objective: "BEST")
      both(x: Int!): Both @predict(objective: "BOTH")
    }
    type Item { title: Title score: Float }
    type Both { first: Title others: [Title!] }
    type Title @key(fields: "id") { id: ID! note: String length: Int! double: Float @predict(objective: "DOUBLE", inputs: ["x: parent.length"]) }`
  const x = '{ x: { type: Int } }'
  const entity = '{ type: entity, of: Title }'
  const list = `{ type: list, of: ${entity} }`
  const items = `{ type: list, of: { title: ${entity}, score: { type: Float } } }`
  const stubOf = (id: unknown) => ({ __typename: 'Title', id: String(id) })
  const outputs: Readonly<Record<string, readonly [string, Readonly<Record<string, MakeOutput>>]>> = {
    NEXT: [`{ next: ${entity} }`, { next: ({ x }) => stubOf(x) }],
    ALL: [`{ all: ${list} }`, { all: ({ x }) => [stubOf(x), stubOf(Number(x) + 1)] }],
    BEST: [`{ items: ${items} }`, { items: ({ x }) => [{ title: stubOf(x), score: 0.5 }] }],
    BOTH: [
      `{ first: ${entity}, others: ${list} }`,
      { first: ({ x }) => stubOf(x), others: ({ x }) => [stubOf(Number(x) + 1)] },
    ],
    DOUBLE: ['{ y: { type: Float } }', { y: ({ x }) => Number(x) * 2 }],
  }
  const asked: string[] = []
  beforeEach(() => {
    asked.length = 0
  })
  const title = ({ id }: { id: string }) => {
    asked.push(id)
    if (id === '13') throw new Error('no 13')
    return id === '404' ? null : { id, note: `Note ${id}`, length: Number(id) }
  }
  const startOwn = (find: (reference: { id: string }) => unknown, mode: Partial<ServiceParts>, more = {}) =>
    start({
      ...mode,
      subgraphs: { own: { sdl, resolvers: { Title: { __resolveReference: find } } as never }, ...more },
      objectives: Object.fromEntries(
        Object.entries(outputs).map(([name, [spec]]) => [name, `inputs: ${x}\noutputs: ${spec}`]),
      ),
      models: Object.entries(outputs).map(([name, [spec, make]]) => ({
        key: `${name.toLowerCase()}@1`,
        features: x,
        outputs: spec,
        make,
      })),
      rules: Object.fromEntries(Object.keys(outputs).map((name) => [name, `${name.toLowerCase()}@1`])),
    })

  describe.each([
    ['at once', title, {}],
    ['later', async (reference: { id: string }) => title(reference), {}],
    ['by graphql-js', title, { byRow: true }],
  ])('is found by its __resolveReference %s', (_, find, mode) => {
    it('alone, in lists, in records and in objects, for fields and for predictions', async () => {
      const { query } = await startOwn(find, mode)
      const answer = await query(`{
        next(x: 5) { id note double }
        all(x: 6) { note length }
        best(x: 8) { score title { double } }
        both(x: 9) { first { note } others { ...part } }
      } fragment part on Title { note }`)
      expect(answer).toEqual({
        data: {
          next: { id: '5', note: 'Note 5', double: 10 },
          all: [
            { note: 'Note 6', length: 6 },
            { note: 'Note 7', length: 7 },
          ],
          best: [{ score: 0.5, title: { double: 16 } }],
          both: { first: { note: 'Note 9' }, others: [{ note: 'Note 10' }] },
        },
      })
    })

    it('unless no more than its id is asked for', async () => {
      const { query } = await startOwn(find, mode)
      expect(
        await query('{ next(x: 5) { __typename id } both(x: 1) { first { id } others { note } } }'),
      ).toEqual({
        data: {
          next: { __typename: 'Title', id: '5' },
          both: { first: { id: '1' }, others: [{ note: 'Note 2' }] },
        },
      })
      expect(asked).toEqual(['2'])
    })

    it('stays a stub if it is not found, and is an error at its place if that fails', async () => {
      const { query } = await startOwn(find, mode, {
        catalog: {
          sdl: 'type Title @key(fields: "id") { id: ID! name: String }',
          resolvers: {
            Title: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Title ${id}` }) },
          },
        },
      })
      const answer = await query('{ next(x: 404) { name note } all(x: 12) { note } }')
      expect(answer.data).toEqual({
        next: { name: 'Title 404', note: null },
        all: [{ note: 'Note 12' }, null],
      })
      expect(places(answer)).toEqual(['all.1: no 13'])
    })
  })

  it('is looked up when its prediction no longer counts for the limits of rules', async () => {
    let find = () => {}
    const mayBeFound = new Promise<void>((resolve) => {
      find = resolve
    })
    const { query } = await startOwn(
      (reference) => {
        asked.push(reference.id)
        return mayBeFound.then(() => title(reference))
      },
      { moreRules: { NEXT: { limits: { concurrency: 1 } } } },
    )
    const first = query('{ next(x: 5) { note } }')
    await until(() => asked.length > 0)
    expect(await query('{ next(x: 6) { id } }')).toEqual({ data: { next: { id: '6' } } })
    find()
    expect(await first).toEqual({ data: { next: { note: 'Note 5' } } })
  })
})

describe('a whole number beyond Int', () => {
  const outputs =
    '{ n: { type: Int }, all: { type: "[Int!]" }, items: { type: list, of: { n: { type: Int }, tag: { type: String } } } }'
  const sdl = `type Query {
      n(x: Int!): Int @predict(objective: "PROBE", output: "n")
      all(x: Int!): [Int] @predict(objective: "PROBE", output: "all")
      items(x: Int!): [Item] @predict(objective: "PROBE")
      both(x: Int!): Both @predict(objective: "PROBE")
      wide(x: Int!): Float @predict(objective: "PROBE", output: "n")
    }
    type Item { tag: String n: Int } type Both { n: Int all: [Float!] }`
  const make: Readonly<Record<string, MakeOutput>> = {
    n: ({ x }) => Number(x) + 2 ** 31 - 1,
    all: ({ x }) => [1, -Number(x) - 2 ** 31],
    items: ({ x }) => [
      { n: 1, tag: 'a' },
      { n: Number(x) + 2 ** 31 - 1, tag: 'b' },
    ],
  }

  it.each([
    ['a scalar', 'n'],
    ['a list', 'all'],
    ['a list of records', 'items', '{ n tag }'],
    ['an object', 'both', '{ n }'],
  ])('fails its row alone, in %s', async (_, field, selection = '') => {
    const { query, metrics } = await shaped(outputs, sdl, make)
    const answer = await query(`{ good: ${field}(x: 0) ${selection} bad: ${field}(x: 1) ${selection} }`)
    expect(answer.data?.good).not.toBeNull()
    expect(answer.data?.bad).toBeNull()
    expect(places(answer)).toEqual(['bad: BAD_OUTPUT'])
    expect(answer.errors?.[0].message).toMatch(
      /^PROBE: output \w+: must be within Int, from -2147483648 to 2147483647, got -?214748364[89]$/,
    )
    expect(metrics.bySeries('presage_prediction_failures_total')).toEqual({
      'asked=PROBE code=BAD_OUTPUT': 1,
    })
  })

  it('is answered where the field is a Float, and hurts nobody who did not ask for it', async () => {
    const { query } = await shaped(outputs, sdl, make)
    expect(await query('{ wide(x: 1) both(x: 1) { all } }')).toEqual({
      data: { wide: 2 ** 31, both: { all: [1, -(2 ** 31) - 1] } },
    })
  })
})
