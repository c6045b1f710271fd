import { createTextLog } from '../../../lib/log'
import { type ShadowedRows, type ShadowSettings, Shadows } from '../../../serving/shadow/shadows'
import { FakeClock, settle } from '../../support/fakeClock'
import { type HeldWorker, heldWorkers } from '../../support/heldWorker'
import { createServices, type Service, type ServiceParts } from '../service'

/** Versions that are asked too, after the answer, with what is left over. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 99] } }'
const outputs = '{ y: { type: Float } }'
const version = (key: string, plus: number, more: object = {}) => ({
  ...{ key, features, outputs, serves: ['PROBE'] },
  make: { y: (_: object, y: number) => y + plus },
  ...more,
})
const models = [version('probe@1', 0), version('probe@2', 2), version('probe@3', 3)]
const shadow = (model: string) => ({ model, percent: 100, salt: 'a' })
const member = { context: { member: '12' } }

async function things(
  xs: readonly unknown[],
  {
    settings,
    log,
    ...more
  }: Partial<Omit<ServiceParts, 'clock'>> & { settings?: Partial<ShadowSettings>; log?: string[] } = {},
) {
  const isNullable = xs.includes(null)
  const clock = new FakeClock()
  const service = await start({
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! }
          type Thing { x: Int${isNullable ? '' : '!'} y: Float @predict(objective: "PROBE") }`,
        resolvers: { Query: { things: () => xs.map((x) => ({ x })) } },
      },
    },
    objectives: { PROBE: `unit: context.member\ninputs: ${features}\noutputs: ${outputs}` },
    contextKeys: { member: 'string' },
    models,
    clock,
    ...more,
    moreRules: { PROBE: { shadow: [shadow('probe@2')], ...more.moreRules?.PROBE } },
  })
  const lines = log && createTextLog('info', 'test', (line) => log.push(line))
  const shadows = new Shadows(service.serving, { maxRows: 1000, deadlineMs: 50, ...settings }, lines)
  const told: ShadowedRows[] = []
  shadows.shadowed((rows) => told.push(rows))
  return { ...service, clock, shadows, told }
}

/** As many timers in a row are on time as a shadow waits for. */
async function quiet({ clock }: { clock: FakeClock }) {
  for (let probe = 0; probe < 4; probe++) {
    clock.advance(1)
    await settle()
  }
}

const values = (answer: { data?: Record<string, unknown> | null }) =>
  (answer.data!.things as { y: unknown }[]).map(({ y }) => y)
const ask = (service: Service, request: object = {}) =>
  service.query('{ things { y } }', {}, { ...member, ...request })
const dropped = ({ metrics }: Service) => metrics.bySeries('presage_shadow_dropped_total')
const asked = ({ metrics }: Service) => metrics.bySeries('presage_shadow_rows_total')
const keys = (workers: readonly HeldWorker[]) => workers.map(({ calls }) => calls.map(({ key }) => key))

describe.each([
  ['by columns', false],
  ['row by row', true],
])('%s', (_, byRow) => {
  it('a shadow is asked the same rows once the answer is out, and the answer is not its own', async () => {
    const service = await things([1, 2, 1], { byRow })
    expect(values(await ask(service))).toEqual([10, 20, 10])
    expect(service.batches.map(({ key }) => key)).toEqual(['probe@1'])
    await quiet(service)
    // Equal rows are asked once, as for an answer.
    expect(service.batches.map(({ key, rows }) => [key, rows.length])).toEqual([
      ['probe@1', 2],
      ['probe@2', 2],
    ])
    expect(service.told.map(({ model, prediction }) => [model, prediction.outputs.y])).toEqual([
      ['probe@2', [12, 22, 12]],
    ])
    expect(asked(service)).toEqual({ 'objective=PROBE model=probe@2 outcome=answered': 3 })
    expect(service.metrics.read('presage_shadow_duration_seconds')).toBe(1)
  })

  it('its rows appear in no metric of what clients asked for', async () => {
    const service = await things([1, 2], { byRow })
    await ask(service)
    await quiet(service)
    expect(service.told).toHaveLength(1)
    expect(service.metrics.bySeries('presage_inference_count_total')).toEqual({
      'model=probe version=1 shard=main': 2,
    })
    expect(Object.keys(service.metrics.bySeries('presage_routing_decisions_total'))).toHaveLength(1)
  })

  it('a shadow that cannot take a row costs no answer, and is counted by why', async () => {
    const narrow = version('probe@2', 2, { features: '{ x: { type: Int, range: [0, 9] } }' })
    const service = await things([1, 20], { byRow, models: [models[0], narrow] })
    const answer = await ask(service)
    expect(values(answer)).toEqual([10, 200])
    expect(answer.errors).toBeUndefined()
    await quiet(service)
    expect(asked(service)).toEqual({
      'objective=PROBE model=probe@2 outcome=answered': 1,
      'objective=PROBE model=probe@2 outcome=BAD_FEATURE': 1,
    })
    expect(service.metrics.read('presage_prediction_failures_total')).toBe(0)
  })

  it('an input that the request did not bring is told apart from one that does not fit', async () => {
    const optional = '{ x: { type: Int, range: [0, 99], nullable: true } }'
    const service = await things([1, null], {
      byRow,
      objectives: { PROBE: `unit: context.member\ninputs: ${optional}\noutputs: ${outputs}` },
      models: [version('probe@1', 0, { features: optional }), models[1]],
    })
    await ask(service)
    await quiet(service)
    expect(asked(service)).toEqual({
      'objective=PROBE model=probe@2 outcome=answered': 1,
      'objective=PROBE model=probe@2 outcome=missing-feature': 1,
    })
  })

  it('a shadow that is not ready is counted, and the others are asked', async () => {
    const service = await things([1], {
      byRow,
      moreRules: { PROBE: { shadow: [shadow('probe@2'), shadow('probe@3')] } },
    })
    const { registry } = service.serving
    registry.set({ ...registry.get('probe@2')!, state: { is: 'refused', reason: 'for the test' } })
    await ask(service)
    await quiet(service)
    expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=not-ready': 1 })
    expect(service.told.map(({ model }) => model)).toEqual(['probe@3'])
  })

  it('rows without an answer, and those that the shadow itself or a constant answered, are not asked', async () => {
    const service = await things([1, 2, 3], {
      byRow,
      moreRules: {
        PROBE: {
          limits: { perSecond: 2 },
          fallback: ['probe@2'],
          shadow: [shadow('probe@2'), shadow('probe@3')],
        },
      },
    })
    await ask(service)
    await quiet(service)
    expect(service.told.map(({ model, rows }) => [model, rows.inputs[0], rows.fallback?.by])).toEqual([
      ['probe@2', [1, 2], [undefined, undefined]],
      ['probe@3', [1, 2, 3], [undefined, undefined, 'probe@2']],
    ])
    expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=no-answer': 1 })
  })

  it('who has gone, and whose time is over, has its shadow all the same', async () => {
    const { start: startWorker, workers } = heldWorkers()
    const service = await things([1], { byRow, start: startWorker })
    const { clock } = service
    const gone = new AbortController()
    const answer = ask(service, { signal: gone.signal, deadline: clock.now() + 1 })
    await settle()
    workers[0].last.answer()
    await answer
    gone.abort()
    clock.advance(10)
    await quiet(service)
    expect(keys(workers)).toEqual([['probe@1', 'probe@2']])
    workers[0].last.answer()
    await quiet(service)
    expect(service.told.map(({ outcomes }) => outcomes)).toEqual([['answered']])
  })
})

describe('with held workers', () => {
  async function held(xs: readonly number[], more: Parameters<typeof things>[1] = {}) {
    const { start: startWorker, workers } = heldWorkers()
    const service = await things(xs, { start: startWorker, ...more })
    const answered = async () => {
      const answer = ask(service)
      await settle()
      workers[0].last.answer()
      return values(await answer)
    }
    return { ...service, workers, answered }
  }

  it('a shadow is dropped while its worker is busy', async () => {
    const service = await held([1])
    const { workers } = service
    expect(await service.answered()).toEqual([10])
    await quiet(service)
    expect(keys(workers)).toEqual([['probe@1', 'probe@2']])
    const other = ask(service)
    await quiet(service)
    // The shadow has the only worker; when it is over the client's rows go before all.
    workers[0].calls[1].answer()
    await quiet(service)
    expect(keys(workers)).toEqual([['probe@1', 'probe@2', 'probe@1']])
    const third = ask(service)
    await quiet(service)
    workers[0].calls[2].answer()
    expect(values(await other)).toEqual([10])
    await quiet(service)
    expect(keys(workers)).toEqual([['probe@1', 'probe@2', 'probe@1', 'probe@1']])
    expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=busy': 1 })
    workers[0].last.answer()
    await third
    await quiet(service)
    workers[0].last.answer()
    await quiet(service)
  })

  it('rows that clients wait for go before a shadow’s, though it has less time, and are not batched with them', async () => {
    const service = await held([1], {
      moreRules: { PROBE: { shadow: [shadow('probe@1')], default: 'probe@2' } },
    })
    const { workers, serving } = service
    const shard = serving.shards.get('main')!
    const first = shard.submit('probe@1', [[5]], 1, { deadline: service.clock.now() + 20, isSpare: true })
    const answer = ask(service)
    const same = shard.submit('probe@1', [[7]], 1, { deadline: service.clock.now() + 1000 })
    for (let turn = 0; turn < 4; turn++) {
      await settle()
      workers[0].last.answer()
    }
    await Promise.all([first, answer, same])
    expect(workers[0].calls.slice(0, 3).map(({ key, values: rows }) => [key, rows])).toEqual([
      ['probe@1', [7]],
      ['probe@2', [1]],
      ['probe@1', [5]],
    ])
  })

  it('a shadow that takes longer than its deadline is given up, and holds no row back', async () => {
    const service = await held([1])
    await service.answered()
    await quiet(service)
    service.clock.advance(50)
    await quiet(service)
    expect(asked(service)).toEqual({ 'objective=PROBE model=probe@2 outcome=DEADLINE_EXCEEDED': 1 })
    service.workers[0].last.answer()
    await quiet(service)
    await service.answered()
    await quiet(service)
    service.workers[0].last.answer()
    await quiet(service)
    expect(asked(service)['objective=PROBE model=probe@2 outcome=answered']).toBe(1)
  })

  it('more rows under way than may be are dropped', async () => {
    const elsewhere = { shards: ['main', 'b'], placement: { 'probe@2': 'b' } }
    const service = await held([1, 2], { ...elsewhere, settings: { maxRows: 3 } })
    const { workers } = service
    await service.answered()
    await service.answered()
    await quiet(service)
    expect(workers[1].batches).toEqual([[1, 2]])
    expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=too-many-rows': 2 })
    workers[1].last.answer()
    await quiet(service)
    await service.answered()
    await quiet(service)
    expect(workers[1].batches).toEqual([
      [1, 2],
      [1, 2],
    ])
    workers[1].last.answer()
  })

  it('a shadow waits until the event loop is quiet, and no longer than its deadline', async () => {
    const service = await held([1])
    const { clock, workers } = service
    const busy = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) {
        clock.stall(4)
        clock.advance(1)
        await settle()
      }
    }
    await service.answered()
    await busy(5)
    expect(keys(workers)).toEqual([['probe@1']])
    await quiet(service)
    expect(keys(workers)).toEqual([['probe@1', 'probe@2']])
    workers[0].last.answer()
    await settle()
    await service.answered()
    await busy(15)
    await quiet(service)
    expect(keys(workers)).toEqual([['probe@1', 'probe@2', 'probe@1']])
    expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=busy': 1 })
  })

  it('only a few wait for that', async () => {
    const service = await held([1], { shards: ['main', 'b'], placement: { 'probe@2': 'b' } })
    for (let turn = 0; turn < 6; turn++) await service.answered()
    service.clock.stall(5)
    await quiet(service)
    expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=busy': 2 })
    await quiet(service)
    expect(asked(service)).toEqual({})
    // Those that waited together are asked together.
    expect(service.workers[1].batches).toEqual([[1, 1, 1, 1]])
    service.workers[1].last.answer()
    await settle()
    expect(asked(service)).toEqual({ 'objective=PROBE model=probe@2 outcome=answered': 4 })
  })

  it('closing waits for what was asked', async () => {
    const service = await held([1])
    await service.answered()
    await quiet(service)
    let isOver = false
    const over = service.shadows.dispose().then(() => {
      isOver = true
    })
    await quiet(service)
    expect(isOver).toBe(false)
    service.workers[0].last.answer()
    await over
    expect(service.told).toHaveLength(1)
    await service.answered()
    await quiet(service)
    expect(service.told).toHaveLength(1)
  })
})

it('what waits for its turn when it is disposed of is dropped', async () => {
  const service = await things([1])
  await ask(service)
  await service.shadows.dispose()
  await quiet(service)
  expect(service.told).toEqual([])
  expect(dropped(service)).toEqual({ 'objective=PROBE model=probe@2 reason=shutting-down': 1 })
})

it('logs say that it is a shadow', async () => {
  const log: string[] = []
  const service = await things([1], { log })
  await ask(service)
  await quiet(service)
  expect(log).toEqual([
    expect.stringMatching(
      /^test: shadow: shadow=true request=test objective=PROBE model=probe@2 beside=probe@1 rows=1 ms=[\d.]+ answered=1\n$/,
    ),
  ])
})

it('a listener that throws is told of, and the next shadow is asked', async () => {
  const log: string[] = []
  const service = await things([1], { log })
  service.shadows.shadowed(() => {
    throw new Error('a bug')
  })
  for (let turn = 0; turn < 2; turn++) {
    expect(values(await ask(service))).toEqual([10])
    await quiet(service)
  }
  expect(service.told).toHaveLength(2)
  expect(log.filter((line) => line.includes('a bug'))).toHaveLength(2)
})

it('a field that names a shard has its shadow there if it is placed there, else on its own first shard', async () => {
  const clock = new FakeClock()
  const service = await start({
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! }
          type Thing { x: Int! y: Float @predict(objective: "PROBE", shard: "a") }`,
        resolvers: { Query: { things: () => [{ x: 1 }] } },
      },
    },
    objectives: { PROBE: `unit: context.member\ninputs: ${features}\noutputs: ${outputs}` },
    contextKeys: { member: 'string' },
    models,
    clock,
    shards: ['main', 'a', 'b'],
    placement: { 'probe@1': 'a', 'probe@2': ['main', 'a'], 'probe@3': 'b' },
    moreRules: { PROBE: { shadow: [shadow('probe@2'), shadow('probe@3')] } },
  })
  const shadows = new Shadows(service.serving, { maxRows: 1000, deadlineMs: 50 })
  const told: ShadowedRows[] = []
  shadows.shadowed((rows) => told.push(rows))
  const used = ['main', 'a', 'b'].map((name) => jest.spyOn(service.serving.shards.get(name)!, 'submit'))
  await ask(service)
  await quiet({ clock })
  expect(told.map(({ model }) => model)).toEqual(['probe@2', 'probe@3'])
  expect(
    used.map((submit) => submit.mock.calls.map(([key, , , { isSpare }]) => [key, isSpare === true])),
  ).toEqual([
    [],
    [
      ['probe@1', false],
      ['probe@2', true],
    ],
    [['probe@3', true]],
  ])
})
