import { PresageError } from '../../../lib/errors'
import { AbortableCaller } from '../../../lib/request/caller'
import { compileCheck } from '../../../models/compile/compileAnswer'
import type { Model } from '../../../models/contracts/model'
import type { Objective } from '../../../models/contracts/objective'
import { CachedRows } from '../../../serving/cache/cachedRows'
import { CacheSpace } from '../../../serving/cache/cacheSpace'
import type { CacheStore, Found } from '../../../serving/cache/cacheStore'
import type { Flights } from '../../../serving/cache/flight'
import { layoutFrom } from '../../../serving/cache/keptRow'
import { MemoryStore } from '../../../serving/cache/memoryStore'
import type { CachedSegment, RowTaker } from '../../../serving/calls/cacheUse'
import type { Segment } from '../../../workers/shard'
import { callerOf } from '../../support/callerOf'
import type { CountedMetrics } from '../../support/countedMetrics'
import { settle } from '../../support/fakeClock'
import { heldShard } from '../../support/heldShard'
import { probeModel } from '../probeModel'

/** Requests that ask one version, whose worker is in the test's hand, through one cache. */

const run = { run: { worker: 'main-1', rows: 1, computeMs: 1 }, queueMs: 0 }

/** Rows of `x`; 13 answers BAD_OUTPUT. */
const probe = probeModel(
  {
    key: 'probe@1',
    features: '{ x: { type: Float }, label: { type: String } }',
    outputs: '{ y: { type: Float } }',
    make: { y: (_, y) => (y === 130 ? new PresageError('BAD_OUTPUT', 'not thirteen') : y) },
    identity: ['x'],
  },
  [],
)
const model: Model = {
  ...probe,
  checkOutputs(tensors, rows) {
    compileCheck(probe.key, [{ name: 'y', type: 'float32', shape: ['rows'] }])(tensors, rows)
  },
}
const objective = { name: 'PROBE', outputs: model.outputs } as Objective

async function start({ wrap = (store: CacheStore) => store, ttlMs = 60_000 } = {}) {
  const { shard, clock, workers, metrics } = await heldShard([model])
  const store = wrap(new MemoryStore({ maxEntries: 100, maxBytes: 100_000, clock, metrics }))
  const flights: Flights = new Map()
  const space = new CacheSpace(model, objective, ttlMs, metrics)
  return {
    clock,
    metrics,
    flights,
    worker: workers[0],
    /** As one request does. */
    ask(
      x: readonly number[],
      {
        deadlineMs = 1_000,
        caller = new AbortableCaller(),
        isExplained = false,
        taker = shard as RowTaker,
      } = {},
    ) {
      const rows = new CachedRows({ space, store, flights, clock, taker, isExplained })
      const labels = x.map(() => 'any')
      return rows.submit(model.key, [x, labels], x.length, { deadline: clock.now() + deadlineMs, caller })
    },
  }
}

const counts = (metrics: CountedMetrics) =>
  ['hits', 'misses', 'shared'].map((kind) => metrics.read(`presage_cache_${kind}_total`))

/** What came of each row: its `y`, or its error's code. */
async function outcomes(answer: Promise<readonly CachedSegment[]>): Promise<(number | string)[]> {
  return (await answer).flatMap<number | string>((segment) =>
    segment.error === undefined
      ? Array.from(segment.tensors.y.data as Float32Array)
      : new Array<string>(segment.rows).fill(segment.error.code),
  )
}

test('what was made once is answered again, beside rows that are new, in the order asked', async () => {
  const { worker, ask, metrics } = await start()
  const first = ask([1, 2, 3])
  await settle()
  worker.last.answer()
  expect(await outcomes(first)).toEqual([10, 20, 30])

  expect(await outcomes(ask([3, 1]))).toEqual([30, 10])
  const mixed = ask([4, 2, 5, 1])
  await settle()
  worker.last.answer()
  const segments = await mixed
  expect(segments.length).toBe(1)
  expect(await outcomes(mixed)).toEqual([40, 20, 50, 10])
  expect(worker.batches).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
  expect(counts(metrics)).toEqual([4, 5, 0])
})

test('where every row is new the answer is the very one of the shard', async () => {
  const { ask } = await start()
  const segments: readonly Segment[] = [
    { rows: 2, tensors: { y: { type: 'float32', dims: [2], data: Float32Array.of(1, 2) } }, ...run },
  ]
  expect(await ask([1, 2], { taker: { submit: async () => segments } })).toBe(segments)
})

test('after its time a row is made again', async () => {
  const { worker, ask, clock } = await start({ ttlMs: 500 })
  for (const wait of [499, 1]) {
    const answer = ask([1])
    await settle()
    if (worker.calls.length === 1) worker.last.answer()
    expect(await outcomes(answer)).toEqual([10])
    clock.advance(wait)
  }
  void ask([1])
  await settle()
  expect(worker.batches).toEqual([[1], [1]])
})

test('requests that ask the same at once have it made once', async () => {
  const { worker, ask, metrics, flights } = await start()
  const answers = [ask([1, 2]), ask([2, 3]), ask([1])]
  await settle()
  for (const call of worker.calls) call.answer()
  await settle()
  for (const call of worker.calls.slice(1)) call.answer()
  expect(await Promise.all(answers.map(outcomes))).toEqual([[10, 20], [20, 30], [10]])
  expect(worker.batches.flat().sort()).toEqual([1, 2, 3])
  expect(counts(metrics)).toEqual([0, 3, 2])
  expect(flights.size).toBe(0)
})

test('whoever waits for another is answered at their own deadline', async () => {
  const { worker, ask, clock } = await start()
  const patient = ask([1], { deadlineMs: 900 })
  await settle()
  const hasty = ask([1], { deadlineMs: 100 })
  clock.advance(100)
  expect(await outcomes(hasty)).toEqual(['DEADLINE_EXCEEDED'])
  worker.last.answer()
  expect(await outcomes(patient)).toEqual([10])
})

test('what the first could not wait for, or had cancelled, is made for who still waits', async () => {
  for (const end of ['deadline', 'caller'] as const) {
    const { worker, ask, clock, flights } = await start()
    const blocking = ask([7])
    await settle()
    const caller = new AbortableCaller()
    const first = ask([1], { deadlineMs: 100, caller })
    await settle()
    const second = ask([1])
    if (end === 'deadline') clock.advance(100)
    else caller.leave()
    await settle()
    expect(await outcomes(first)).toEqual([end === 'deadline' ? 'DEADLINE_EXCEEDED' : 'CANCELLED'])
    worker.last.answer()
    await blocking
    await settle()
    worker.last.answer()
    expect(await outcomes(second)).toEqual([10])
    expect(worker.batches).toEqual([[7], [1]])
    expect(flights.size).toBe(0)
  }
})

test('what the first gave up is made once for all who still wait', async () => {
  const { worker, ask, clock } = await start()
  const blocking = ask([7])
  await settle()
  const first = ask([1], { deadlineMs: 100 })
  await settle()
  const others = [ask([1]), ask([2, 1]), ask([1])]
  await settle()
  clock.advance(100)
  expect(await outcomes(first)).toEqual(['DEADLINE_EXCEEDED'])
  await settle()
  worker.last.answer()
  await blocking
  await settle()
  worker.last.answer()
  expect(await Promise.all(others.map(outcomes))).toEqual([[10], [20, 10], [10]])
  expect(worker.batches.flat().sort()).toEqual([1, 2, 7])
})

test('who waited twice in vain waits for nobody else', async () => {
  const { ask, flights } = await start()
  let asked = 0
  const refusing = {
    submit: async () => {
      asked++
      await settle()
      throw new PresageError('OVERLOADED', 'full')
    },
  }
  const answers = [1, 2, 3, 4].map(() => ask([1], { taker: refusing }))
  expect(await Promise.all(answers.map(outcomes))).toEqual([1, 2, 3, 4].map(() => ['OVERLOADED']))
  expect([asked, flights.size]).toEqual([4, 0])
})

test('what is wrong with the row itself is told to all who wait, and not kept', async () => {
  const { worker, ask } = await start()
  const answers = [ask([1]), ask([1])]
  await settle()
  worker.last.refuse('no')
  expect(await Promise.all(answers.map(outcomes))).toEqual([['INFERENCE_FAILED'], ['INFERENCE_FAILED']])
  const made = worker.calls.length
  const again = ask([1])
  await settle()
  expect(worker.calls.length).toBe(made + 1)
  worker.last.answer()
  expect(await outcomes(again)).toEqual([10])
})

test('a row whose output is bad is not kept, its neighbours are', async () => {
  const { worker, ask } = await start()
  const first = ask([1, 13, 2])
  await settle()
  worker.last.answer()
  expect(await outcomes(first)).toEqual([10, 130, 20])
  const second = ask([1, 13, 2])
  await settle()
  expect(worker.batches).toEqual([[1, 13, 2], [13]])
  worker.last.answer()
  expect(await outcomes(second)).toEqual([10, 130, 20])
})

test('rows that are kept are answered though the shard refuses the others', async () => {
  const { worker, ask } = await start()
  const first = ask([1])
  await settle()
  worker.last.answer()
  await first
  const refusing = { submit: () => Promise.reject(new PresageError('OVERLOADED', 'full')) }
  expect(await outcomes(ask([2, 1, 3], { taker: refusing }))).toEqual(['OVERLOADED', 10, 'OVERLOADED'])
})

test('what no client may see ends the flight as well, and reaches who asked', async () => {
  const { worker, ask, flights } = await start()
  let fail!: (error: Error) => void
  const taker = { submit: () => new Promise<never>((_, reject) => (fail = reject)) }
  const first = ask([1], { taker })
  const second = ask([1])
  fail(new Error('a bug'))
  await expect(first).rejects.toThrow('a bug')
  await settle()
  worker.last.answer()
  expect(await outcomes(second)).toEqual([10])
  expect(flights.size).toBe(0)
})

test('explained, rows are told apart by how they came to their answer', async () => {
  const { worker, ask } = await start()
  const first = ask([1, 2], { isExplained: true })
  await settle()
  const second = ask([1, 3], { isExplained: true })
  await settle()
  worker.last.answer()
  await settle()
  worker.last.answer()
  const told = async (answer: typeof first) =>
    (await answer).map((segment) => [segment.rows, segment.cache, segment.error ?? segment.run.worker])
  expect(await told(first)).toEqual([[2, 'miss', 'main-1']])
  expect(await told(second)).toEqual([
    [1, 'shared', 'main-1'],
    [1, 'miss', 'main-1'],
  ])
  expect(await told(ask([1, 2, 3], { isExplained: true }))).toEqual([[3, 'hit', 'cache']])
  expect((await ask([1]))[0]).not.toHaveProperty('cache')
})

test('rows whose answers have other shapes are segments of their own', async () => {
  const { ask } = await start()
  const shaped = (width: number): RowTaker => ({
    submit: async (_, __, rows) => [
      {
        rows,
        tensors: {
          y: { type: 'float32', dims: [rows, width], data: new Float32Array(rows * width).fill(width) },
        },
        ...run,
      },
    ],
  })
  await ask([1, 2], { taker: shaped(1) })
  const segments = await ask([1, 3, 4, 2], { taker: shaped(2) })
  expect(segments.map((segment) => [segment.rows, segment.tensors?.y.dims])).toEqual([
    [1, [1, 1]],
    [2, [2, 2]],
    [1, [1, 1]],
  ])
})

describe('with a store that one has to wait for', () => {
  function slow() {
    const reads: { keys: readonly string[]; go: () => void; answer: (found: Found) => void }[] = []
    const wrap = (store: CacheStore): CacheStore => ({
      read: (keys, deadline) =>
        new Promise<Found>((resolve) => {
          reads.push({ keys, go: () => resolve(store.read(keys, deadline)), answer: resolve })
        }),
      write: (keys, rows, ttlMs) => store.write(keys, rows, ttlMs),
      dispose: async () => {},
    })
    return { reads, wrap }
  }

  test('it is asked once for requests that ask the same at once, whether it has the row or not', async () => {
    const { reads, wrap } = slow()
    const { worker, ask, metrics, flights } = await start({ wrap })
    for (const kind of ['made', 'kept']) {
      const answers = [ask([1, 2]), ask([2])]
      expect(reads.length).toBe(1)
      reads.pop()!.go()
      await settle()
      if (kind === 'made') worker.last.answer()
      expect(await Promise.all(answers.map(outcomes))).toEqual([[10, 20], [20]])
      expect(flights.size).toBe(0)
    }
    expect(worker.batches).toEqual([[1, 2]])
    expect(counts(metrics)).toEqual([3, 2, 1])
  })

  test.each<[what: string, layout: string, bytes: Uint8Array]>([
    ['another output', '[["z","float32"]]', new Uint8Array(4)],
    ['an output of another type', '[["y","float64"]]', new Uint8Array(8)],
    ['an output of other dimensions', '[["y","float32",1]]', new Uint8Array(4)],
    ['no value', '[["y","float32",0]]', new Uint8Array(0)],
  ])('a row of others that is no answer of the version is made again: %s', async (_, layout, bytes) => {
    const { reads, wrap } = slow()
    const { worker, ask, metrics } = await start({ wrap })
    const strange = { layout: layoutFrom(layout)!, bytes }
    const answer = ask([1, 2])
    reads.pop()!.answer([strange, undefined])
    await settle()
    worker.last.answer()
    expect(await outcomes(answer)).toEqual([10, 20])
    expect(counts(metrics)).toEqual([0, 2, 0])
  })

  test('a row that it had is not waited for with those that are made beside it', async () => {
    const { reads, wrap } = slow()
    const { worker, ask } = await start({ wrap })
    const first = ask([1])
    reads.pop()!.go()
    await settle()
    worker.last.answer()
    await first
    const mixed = ask([1, 2])
    reads.pop()!.go()
    await settle()
    const late = ask([1])
    expect(reads.length).toBe(1)
    reads.pop()!.go()
    expect(await outcomes(late)).toEqual([10])
    worker.last.answer()
    expect(await outcomes(mixed)).toEqual([10, 20])
    expect(worker.batches).toEqual([[1], [2]])
  })
})

test('a caller that is known by a signal is cancelled as ever', async () => {
  const { ask } = await start()
  const controller = new AbortController()
  controller.abort()
  expect(await outcomes(ask([1], { caller: callerOf(controller.signal) as AbortableCaller }))).toEqual([
    'CANCELLED',
  ])
})
