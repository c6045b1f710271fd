import { PresageError } from '../../../lib/errors'
import type { AnsweredRows } from '../../../serving/requests/answered'
import { places } from '../../gateway/federate'
import { FakeClock, settle } from '../../support/fakeClock'
import { heldWorkers } from '../../support/heldWorker'
import { createServices, type Service, type ServiceParts } from '../service'

/** Who answers when the version that was chosen cannot: by columns and row by row alike. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 99] } }'
const outputs = '{ y: { type: Float } }'
const version = (key: string, plus: number, more: object = {}) => ({
  ...{ key, features, outputs, serves: ['PROBE'] },
  make: { y: (_: object, y: number) => y + plus },
  ...more,
})
const models = [version('probe@1', 0), version('probe@2', 2), version('probe@3', 3)]
const constant = { constant: { y: -1 } }

function things(xs: readonly unknown[], more: Partial<ServiceParts> = {}, field = '') {
  return start({
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! }
          type Thing { x: Int! y: Float @predict(objective: "PROBE"${field}) }`,
        resolvers: { Query: { things: () => xs.map((x) => ({ x })) } },
      },
    },
    objectives: { PROBE: `inputs: ${features}\noutputs: ${outputs}` },
    models,
    ...more,
  })
}

function refuse({ serving: { registry } }: Service, key: string) {
  registry.set({ ...registry.get(key)!, state: { is: 'refused', reason: 'for the test' } })
}

const values = (answer: { data?: Record<string, unknown> | null }) =>
  (answer.data!.things as { y: unknown }[]).map(({ y }) => y)

describe.each([
  ['by columns', false],
  ['row by row', true],
])('%s', (_, byRow) => {
  const withFallback = (fallback: readonly unknown[], more: object = {}) => ({
    byRow,
    moreRules: { PROBE: { fallback: fallback as never, ...more } },
  })

  it('a version that is not ready is answered for by the first fallback that is', async () => {
    const service = await things([1, 2], withFallback(['probe@2', 'probe@3', constant]))
    refuse(service, 'probe@1')
    refuse(service, 'probe@2')
    const answer = await service.query('{ things { y } }')
    expect(values(answer)).toEqual([13, 23])
    expect(answer.errors).toBeUndefined()
    expect(service.batches.map(({ key }) => key)).toEqual(['probe@3'])
    expect(service.metrics.bySeries('presage_fallback_total')).toEqual({
      'objective=PROBE from=probe@1 to=probe@3 code=MODEL_NOT_READY': 2,
    })
    expect(service.metrics.read('presage_prediction_failures_total')).toBe(0)
  })

  it('a constant fills the outputs where no version can', async () => {
    const service = await things([1, 2], withFallback(['probe@2', constant]))
    for (const key of ['probe@1', 'probe@2']) refuse(service, key)
    expect(values(await service.query('{ things { y } }'))).toEqual([-1, -1])
    expect(service.metrics.bySeries('presage_fallback_total')).toEqual({
      'objective=PROBE from=probe@1 to=constant code=MODEL_NOT_READY': 2,
    })
  })

  it('the error of the version that was chosen stays where all of them fail, and counts as a failure', async () => {
    const service = await things([1], withFallback(['probe@2']))
    for (const key of ['probe@1', 'probe@2']) refuse(service, key)
    const answer = await service.query('{ things { y } }')
    expect(answer.errors![0].message).toBe('probe@1 is not ready: it is not fit to serve')
    expect(service.metrics.bySeries('presage_fallback_total')).toEqual({})
    expect(service.metrics.bySeries('presage_prediction_failures_total')).toEqual({
      'asked=PROBE code=MODEL_NOT_READY': 1,
    })
    expect(service.metrics.bySeries('presage_version_failures_total')).toEqual({
      'objective=PROBE model=probe@1 code=MODEL_NOT_READY': 1,
    })
  })

  it('a bad feature is nobody’s to answer for, whoever finds it', async () => {
    const service = await things([1, 100, 3], withFallback(['probe@2', constant]))
    const first = await service.query('{ things { y } }')
    expect(values(first)).toEqual([10, null, 30])
    expect(places(first)).toEqual(['things.1.y: BAD_FEATURE'])
    refuse(service, 'probe@1')
    const second = await service.query('{ things { y } }')
    expect(values(second)).toEqual([12, null, 32])
    expect(places(second)).toEqual(['things.1.y: BAD_FEATURE'])
  })

  it('what a model answered stands, also as an error', async () => {
    const error = new PresageError('BAD_OUTPUT', 'probe@1: output y: odd', { model: 'probe@1' })
    const odd = version('probe@1', 0, {
      make: { y: (_: object, y: number) => (y === 20 ? error : y) },
    })
    const service = await things([1, 2], { ...withFallback([constant]), models: [odd] })
    const answer = await service.query('{ things { y } }')
    expect(values(answer)).toEqual([10, null])
    expect(places(answer)).toEqual(['things.1.y: BAD_OUTPUT'])
    // Clients know the objective, not the version.
    const { message, extensions } = answer.errors![0].toJSON()
    expect([message, extensions]).toEqual(['PROBE: output y: odd', { code: 'BAD_OUTPUT' }])
  })

  it('rows that the runtime refuses fall back alone', async () => {
    const { start: startWorker, workers } = heldWorkers()
    const service = await things([1, 2], { ...withFallback(['probe@2']), start: startWorker })
    const answer = service.query('{ things { y } }')
    await settle()
    const [worker] = workers
    // The batch is bisected: the row 2 is what the runtime does not take.
    for (let turn = 0; turn < 8; turn++) {
      const { key, values: xs } = worker.last
      if (key === 'probe@1' && xs.includes(2)) worker.last.refuse('no twos')
      else worker.last.answer()
      await settle()
    }
    expect(values(await answer)).toEqual([10, 22])
    expect(worker.calls.filter(({ key }) => key === 'probe@2').map((call) => call.values)).toEqual([[2]])
    expect(service.metrics.bySeries('presage_fallback_total')).toEqual({
      'objective=PROBE from=probe@1 to=probe@2 code=INFERENCE_FAILED': 1,
    })
  })

  it('a worker that dies with the rows, and the next one too, is answered for', async () => {
    const { start: startWorker, workers } = heldWorkers()
    const service = await things([1], { ...withFallback([constant]), start: startWorker })
    const answer = service.query('{ things { y } }')
    await settle()
    workers[0].die()
    await settle()
    workers[1].die()
    expect(values(await answer)).toEqual([-1])
    expect(service.metrics.bySeries('presage_fallback_total')).toEqual({
      'objective=PROBE from=probe@1 to=constant code=WORKER_LOST': 1,
    })
  })

  it('the version that failed is not asked again, nor one that is not on the shard that the field names', async () => {
    const service = await things(
      [1],
      {
        ...withFallback(['probe@1', 'probe@2', 'probe@3']),
        shards: ['main', 'a'],
        placement: { 'probe@1': 'a', 'probe@2': 'main', 'probe@3': ['main', 'a'] },
      },
      ', shard: "a"',
    )
    refuse(service, 'probe@1')
    expect(values(await service.query('{ things { y } }'))).toEqual([13])
    expect(service.batches.map(({ key }) => key)).toEqual(['probe@3'])
  })

  it('each version has the time that the rules give it, and all of them what the request has', async () => {
    const clock = new FakeClock()
    const { start: startWorker, workers } = heldWorkers()
    const service = await things([1], {
      ...withFallback(['probe@2', 'probe@3', constant], { limits: { deadline: '50ms' } }),
      shards: ['main', 'b', 'c'],
      placement: { 'probe@2': 'b', 'probe@3': 'c' },
      start: startWorker,
      clock,
    })
    let isOver = false
    const answer = service.query('{ things { y } }', {}, { deadline: clock.now() + 80 }).finally(() => {
      isOver = true
    })
    await settle()
    clock.advance(50)
    await settle()
    expect(workers.map(({ calls }) => calls.map(({ key }) => key))).toEqual([['probe@1'], ['probe@2'], []])
    clock.advance(29)
    await settle()
    expect(isOver).toBe(false)
    clock.advance(1)
    // There is no time left for a third version, and a constant takes none.
    expect(values(await answer)).toEqual([-1])
    expect(workers[2].calls).toEqual([])
    expect(service.metrics.bySeries('presage_fallback_total')).toEqual({
      'objective=PROBE from=probe@1 to=constant code=DEADLINE_EXCEEDED': 1,
    })
    for (const worker of workers) for (const call of worker.calls) call.answer()
  })

  it('a caller who has gone gets no fallback', async () => {
    const { start: startWorker, workers } = heldWorkers()
    const service = await things([1, 2], {
      ...withFallback([constant]),
      models: [{ ...models[0], maxRows: 1 }],
      start: startWorker,
    })
    const gone = new AbortController()
    const answer = service.query('{ things { y } }', {}, { signal: gone.signal })
    await settle()
    gone.abort()
    workers[0].last.answer()
    expect(places(await answer)).toEqual(['things.1.y: CANCELLED'])
  })

  describe('limits', () => {
    it('of rows a second refuse those beyond them at once, and fill evenly', async () => {
      const clock = new FakeClock()
      const service = await things([1, 2, 3], { ...withFallback([], { limits: { perSecond: 4 } }), clock })
      expect(values(await service.query('{ things { y } }'))).toEqual([10, 20, 30])
      const answer = await service.query('{ things { y } }')
      expect(values(answer)).toEqual([10, null, null])
      expect(places(answer)).toEqual(['things.1.y: OVERLOADED', 'things.2.y: OVERLOADED'])
      expect(answer.errors![0].message).toBe("PROBE: the rules' limit of rows a second is reached (4)")
      clock.advance(500)
      expect(values(await service.query('{ things { y } }'))).toEqual([10, 20, null])
    })

    it('of rows a second count rows when they are asked for, those with bad features too', async () => {
      const clock = new FakeClock()
      const service = await things([100, 2, 3], {
        ...withFallback([constant], { limits: { perSecond: 2 } }),
        clock,
      })
      const answer = await service.query('{ things { y } }')
      expect(values(answer)).toEqual([null, 20, -1])
      expect(places(answer)).toEqual(['things.0.y: BAD_FEATURE'])
      // Nothing is left: no version looks at the rows, and a constant does not care.
      expect(values(await service.query('{ things { y } }'))).toEqual([-1, -1, -1])
    })

    it('of concurrency are of requests: one that is in is in for all its fields', async () => {
      const { start: startWorker, workers } = heldWorkers()
      const service = await things([1, 2], {
        ...withFallback([], { limits: { concurrency: 1 } }),
        start: startWorker,
      })
      const first = service.query('{ things { y } more: things { y } }')
      await settle()
      const second = await service.query('{ things { y } }')
      expect(values(second)).toEqual([null, null])
      expect(second.errors![0].message).toBe("PROBE: the rules' limit of requests at once is reached (1)")
      expect(second.errors![0].extensions).toEqual({
        ...{ code: 'OVERLOADED', objective: 'PROBE', limit: 'concurrency', per: 'objective', maximum: 1 },
      })
      workers[0].last.answer()
      expect(values(await first)).toEqual([10, 20])
      const third = service.query('{ things { y } }')
      await settle()
      workers[0].last.answer()
      expect(values(await third)).toEqual([10, 20])
    })

    it('of concurrency let a fallback answer, which is not limited', async () => {
      const { start: startWorker, workers } = heldWorkers()
      const service = await things([1], {
        ...withFallback(['probe@2'], { limits: { concurrency: 1 } }),
        shards: ['main', 'b'],
        placement: { 'probe@2': 'b' },
        start: startWorker,
      })
      const first = service.query('{ things { y } }')
      await settle()
      const second = service.query('{ things { y } }')
      await settle()
      expect(workers[1].batches).toEqual([[1]])
      workers[1].last.answer()
      expect(values(await second)).toEqual([12])
      workers[0].last.answer()
      expect(values(await first)).toEqual([10])
    })
  })

  it('tells those who listen of each group with its answer, and of rows that a fallback answered', async () => {
    const service = await things([1, 2], withFallback([constant], { limits: { perSecond: 1 } }))
    const told: AnsweredRows[] = []
    const stop = service.serving.answered.event((rows) => told.push(rows))
    await service.query('{ things { y } }')
    stop()
    await service.query('{ things { y } }')
    expect(told).toHaveLength(1)
    const { request, rules, decision, inputs, rows, wanted, prediction, fallback } = told[0]
    expect({ id: request.id, number: rules.number, model: decision.model, inputs, rows, wanted }).toEqual({
      ...{ id: 'test', number: 1, model: 'probe@1', inputs: [[1, 2]], rows: 2, wanted: ['y'] },
    })
    expect(prediction.outputs).toEqual({ y: [10, -1] })
    expect(fallback).toEqual({ by: [undefined, 'constant'], codes: [undefined, 'OVERLOADED'] })
  })

  it('a listener that throws costs no answer', async () => {
    const service = await things([1], { byRow })
    service.serving.answered.event(() => {
      throw new Error('a bug')
    })
    expect(values(await service.query('{ things { y } }'))).toEqual([10])
    expect(service.metrics.read('presage_answer_listener_failures_total')).toBe(1)
  })
})
