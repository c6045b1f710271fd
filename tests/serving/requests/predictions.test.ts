import type { Router } from '../../../routing/ruleSet/router'
import { places } from '../../gateway/federate'
import { FakeClock, settle } from '../../support/fakeClock'
import { heldWorkers } from '../../support/heldWorker'
import { createServices, type ServiceParts } from '../service'

const start = createServices()

const inputs = '{ x: { type: Int } }'
const outputs = '{ y: { type: Float } }'
const probe = { key: 'probe@1', features: inputs, outputs, make: { y: (_: object, y: number) => y } }
const objective = (more = '') => `inputs: ${inputs}\noutputs: ${outputs}\n${more}`

/** Things of a subgraph, each with a number `x` of which objective PROBE is asked. */
function things(xs: readonly number[], more: Partial<ServiceParts> = {}) {
  return start({
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! }
          type Thing { x: Int! later: Thing y: Float @predict(objective: "PROBE") }`,
        resolvers: { Query: { things: () => xs.map((x) => ({ x })) } },
      },
    },
    objectives: { PROBE: objective() },
    models: [probe],
    ...more,
  })
}

const xsOf = (batches: readonly { rows: readonly { readonly x?: unknown }[] }[]) =>
  batches.map(({ rows }) => rows.map(({ x }) => x))

describe('rows', () => {
  it('of fields of several subgraphs that ask one objective are one batch', async () => {
    const asking = (name: string) => `type Query { ${name}(x: Int!): Float @predict(objective: "PROBE") }`
    const { query, batches } = await start({
      subgraphs: { one: { sdl: asking('one') }, two: { sdl: asking('two') } },
      objectives: { PROBE: objective() },
      models: [probe],
    })
    expect(await query('{ one(x: 1) two(x: 2) three: one(x: 3) }')).toEqual({
      data: { one: 10, two: 20, three: 30 },
    })
    expect(batches).toHaveLength(1)
    expect(new Set(xsOf(batches)[0])).toEqual(new Set([1, 2, 3]))
  })

  it('that are equal are inferred once, also where one comes while the other is on its way', async () => {
    const { start: startWorker, workers } = heldWorkers()
    let release!: () => void
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const { query } = await start({
      subgraphs: {
        own: {
          sdl: `type Query { things: [Thing!]! }
            type Thing { x: Int! later(x: Int!): Thing! y: Float @predict(objective: "PROBE") }`,
          resolvers: {
            Query: { things: () => [{ x: 1 }, { x: 2 }, { x: 1 }] },
            Thing: { later: (_: unknown, { x }: { x: number }) => released.then(() => ({ x })) },
          },
        },
      },
      objectives: { PROBE: objective() },
      models: [probe],
      start: startWorker,
    })
    const answer = query('{ things { y same: later(x: 1) { y } other: later(x: 3) { y } } }')
    await settle()
    expect(workers[0].batches).toEqual([[1, 2]])
    release()
    await settle()
    workers[0].last.answer()
    await settle()
    expect(workers[0].batches).toEqual([[1, 2], [3]])
    workers[0].last.answer()
    const thing = (y: number) => ({ y, same: { y: 10 }, other: { y: 30 } })
    expect(await answer).toEqual({ data: { things: [thing(10), thing(20), thing(10)] } })
  })

  it('whose features differ only in what the graph does not read share an inference, and have their own outputs', async () => {
    const both = '{ x: { type: Int }, limit: { type: Int } }'
    const { query, batches } = await start({
      subgraphs: {
        own: { sdl: 'type Query { y(x: Int!, limit: Int!): Float @predict(objective: "PROBE") }' },
      },
      objectives: { PROBE: `inputs: ${both}\noutputs: ${outputs}` },
      models: [
        {
          ...probe,
          features: both,
          identity: ['x'],
          make: { y: ({ limit }, y) => Math.min(y, Number(limit)) },
        },
      ],
    })
    expect(await query('{ a: y(x: 1, limit: 5) b: y(x: 1, limit: 8) c: y(x: 2, limit: 50) }')).toEqual({
      data: { a: 5, b: 8, c: 20 },
    })
    expect(xsOf(batches)).toEqual([[1, 2]])
  })
})

describe('decisions', () => {
  const models = ['even@1', 'odd@1', 'probe@1'].map((key, place) => ({
    ...probe,
    key,
    make: { y: (_: object, y: number) => y + place },
  }))

  it('are made once a request, for all rows and fields', async () => {
    const contexts: unknown[] = []
    const router: Router = {
      for: (name) => ones[name],
    }
    const ones: Record<string, ReturnType<Router['for']>> = {
      PROBE: {
        perRow: false,
        decide(context) {
          contexts.push(context)
          return { objective: 'PROBE', model: 'odd@1', shard: 'main', reason: 'rule' }
        },
        decideRow: () => {
          throw new Error('decided for a row')
        },
      },
    }
    const { query, batches } = await things([1, 2], { router, models, contextKeys: { country: 'string' } })
    const context = { country: 'PT' }
    const answer = await query('{ things { y again: y } more: things { y } }', {}, { context })
    expect(answer.data!.more).toEqual([{ y: 11 }, { y: 21 }])
    expect(contexts).toEqual([context])
    expect(batches).toEqual([{ key: 'odd@1', rows: [{ x: 1 }, { x: 2 }] }])
  })

  it('that depend on the row split the rows, one batch for each version, and every row keeps its place', async () => {
    const router: Router = {
      for: (name) => ({
        perRow: true,
        decide: () => {
          throw new Error('decided for all')
        },
        decideRow: (_context, columns, row) => ({
          objective: name,
          model: Number(columns[0][row]) % 2 === 0 ? 'even@1' : 'odd@1',
          shard: 'main',
          reason: 'rule',
        }),
      }),
    }
    const { query, batches } = await things([1, 2, 3, 4], { router, models })
    expect(await query('{ things { y } }')).toEqual({
      data: { things: [{ y: 11 }, { y: 20 }, { y: 31 }, { y: 40 }] },
    })
    expect(new Map(batches.map(({ key, rows }) => [key, rows.map(({ x }) => x)]))).toEqual(
      new Map([
        ['odd@1', [1, 3]],
        ['even@1', [2, 4]],
      ]),
    )
  })
})

describe('limits', () => {
  const two = {
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! }
          type Thing { x: Int! y: Float @predict(objective: "PROBE") z: Float @predict(objective: "OTHER") }`,
        resolvers: { Query: { things: () => [{ x: 1 }, { x: 2 }, { x: 3 }] } },
      },
    },
    models: [probe],
  }

  it('of an objective cost the rows beyond them, and no row of another', async () => {
    const { query, metrics } = await start({
      ...two,
      objectives: { PROBE: objective('maxRows: 2'), OTHER: objective() },
    })
    const answer = await query('{ things { y z } }')
    expect(answer.data!.things).toEqual([
      { y: 10, z: 10 },
      { y: 20, z: 20 },
      { y: null, z: 30 },
    ])
    expect(places(answer)).toEqual(['things.2.y: TOO_MANY_ROWS'])
    expect(answer.errors![0].message).toBe('a request may have at most 2 prediction rows of PROBE')
    expect(answer.errors![0].extensions).toEqual({
      code: 'TOO_MANY_ROWS',
      limit: 'maxRows',
      objective: 'PROBE',
      maximum: 2,
    })
    expect(metrics.read('presage_prediction_failures_total')).toBe(1)
  })

  it('of the request count the rows of all objectives, wave after wave, and start anew with the next', async () => {
    const { query } = await start({
      ...two,
      objectives: { PROBE: objective(), OTHER: objective() },
      maxRows: 4,
    })
    const answer = await query('{ things { y z } }')
    const values = (answer.data!.things as object[]).flatMap((thing) => Object.values(thing))
    expect(values.filter((value) => value !== null)).toHaveLength(4)
    const tooMany = { code: 'TOO_MANY_ROWS', limit: 'predictionRows', maximum: 4 }
    expect(answer.errors!.map(({ extensions }) => extensions)).toEqual([tooMany, tooMany])
    expect(answer.errors![0].message).toBe('a request may have at most 4 prediction rows')
    expect((await query('{ things { y } }')).errors).toBeUndefined()
  })
})

describe('deadlines', () => {
  const held = (more = '') => {
    const clock = new FakeClock()
    const { start: startWorker, workers } = heldWorkers()
    const service = things([1], { objectives: { PROBE: objective(more) }, clock, start: startWorker })
    return { clock, workers, service }
  }

  it.each([
    ["the objective's, where it is the shorter", 'deadline: 200ms', 1000, 200],
    ["the request's, where it is the shorter", 'deadline: 200ms', 100, 100],
    ["the request's, where the objective has none", '', 300, 300],
  ])('are %s', async (_, declared, requestMs, expectedMs) => {
    const { clock, workers, service } = held(declared)
    const { query } = await service
    let over = false
    const answer = query('{ things { y } }', {}, { deadline: clock.now() + requestMs }).finally(() => {
      over = true
    })
    await settle()
    expect(workers[0].batches).toEqual([[1]])
    clock.advance(expectedMs - 1)
    await settle()
    expect(over).toBe(false)
    clock.advance(1)
    expect(places(await answer)).toEqual(['things.0.y: DEADLINE_EXCEEDED'])
    workers[0].last.answer()
  })

  it('of an objective count from when a prediction is asked for, not from the first of the request', async () => {
    const clock = new FakeClock()
    const { start: startWorker, workers } = heldWorkers()
    let release!: (thing: object) => void
    const later = new Promise<object>((resolve) => {
      release = resolve
    })
    const { query } = await start({
      subgraphs: {
        own: {
          sdl: `type Query { things: [Thing!]! }
            type Thing { x: Int! later: Thing y: Float @predict(objective: "PROBE") }`,
          resolvers: { Query: { things: () => [{ x: 1, later }] } },
        },
      },
      objectives: { PROBE: objective('deadline: 200ms') },
      models: [probe],
      clock,
      start: startWorker,
    })
    const answer = query('{ things { y later { y } } }', {}, { deadline: clock.now() + 1000 })
    await settle()
    workers[0].last.answer()
    await settle()
    clock.advance(300)
    release({ x: 2 })
    await settle()
    expect(workers[0].batches).toEqual([[1], [2]])
    workers[0].last.answer()
    expect(await answer).toEqual({ data: { things: [{ y: 10, later: { y: 20 } }] } })
  })
})

it('a client that goes takes its waiting rows with it, and nobody else’s', async () => {
  const clock = new FakeClock()
  const { start: startWorker, workers } = heldWorkers()
  const { query } = await start({
    subgraphs: { own: { sdl: 'type Query { y(x: Int!): Float @predict(objective: "PROBE") }' } },
    objectives: { PROBE: objective() },
    models: [{ ...probe, maxRows: 1 }],
    clock,
    start: startWorker,
  })
  const gone = new AbortController()
  const first = query('{ a: y(x: 1) b: y(x: 2) }', {}, { signal: gone.signal })
  await settle()
  const second = query('{ y(x: 3) }')
  await settle()
  expect(workers[0].batches).toEqual([[1]])
  gone.abort()
  workers[0].last.answer()
  await settle()
  expect(workers[0].batches).toEqual([[1], [3]])
  workers[0].last.answer()
  expect(await second).toEqual({ data: { y: 30 } })
  expect(places(await first).filter((place) => place.startsWith('b'))).toEqual(['b: CANCELLED'])
})

it('one error that all rows share is located at each of them, and counted for each', async () => {
  const { query, serving, metrics } = await things([1, 2, 3])
  const status = serving.registry.get('probe@1')!
  serving.registry.set({ ...status, state: { is: 'refused', reason: 'its graph is broken' } })
  const answer = await query('{ things { y } }')
  expect(answer.data!.things).toEqual([{ y: null }, { y: null }, { y: null }])
  expect(places(answer)).toEqual([0, 1, 2].map((row) => `things.${row}.y: MODEL_NOT_READY`))
  expect(answer.errors![0].message).toBe('probe@1 is not ready: it is not fit to serve')
  expect(metrics.read('presage_prediction_failures_total')).toBe(3)
})

it('a bug in one model costs its own rows', async () => {
  const broken = {
    ...probe,
    key: 'broken@1',
    make: {
      y: () => {
        throw new Error('a bug')
      },
    },
  }
  const { query } = await start({
    subgraphs: {
      own: {
        sdl: `type Query { good(x: Int!): Float @predict(objective: "PROBE") bad(x: Int!): Float @predict(objective: "BAD") }`,
      },
    },
    objectives: { PROBE: objective(), BAD: objective() },
    models: [probe, broken],
    rules: { BAD: 'broken@1' },
  })
  const answer = await query('{ good(x: 1) bad(x: 1) }')
  expect(answer.data).toEqual({ good: 10, bad: null })
  expect(places(answer)).toEqual(['bad: a bug'])
})
