import { growAfterMs } from '../../../workers/pool/growth'
import { Pool } from '../../../workers/pool/pool'
import { CountedMetrics } from '../../support/countedMetrics'
import { FakeClock, settle } from '../../support/fakeClock'
import { type HeldWorker, heldWorkers } from '../../support/heldWorker'
import { warmUpBatch } from './warmUpBatch'

describe('a pool whose workers come on demand', () => {
  it('starts one, and loads into it alone', async () => {
    const { pool, workers } = await opened({ workers: 3 })
    await pool.load('a@1', 'a.onnx')
    expect(workers.map(({ loaded }) => loaded)).toEqual([['a@1']])
    expect(pool.holders('a@1')).toBe(1)
  })

  it('has another hold and warm a version whose rows have waited long, and nothing else', async () => {
    const { pool, workers, clock } = await opened({ workers: 3 })
    await pool.load('a@1', 'a.onnx')
    await pool.load('b@1', 'b.onnx')
    await warmed(pool, 'b@1', workers)
    const run = busy(pool, 'a@1')
    pool.want(rowsSince(clock.now(), 'b@1'))
    clock.advance(growAfterMs)
    await settle()
    expect(workers.map(({ loaded }) => loaded)).toEqual([['a@1', 'b@1'], ['b@1']])
    expect(workers[1].batches).toEqual([[1]])
    expect(pool.idle('b@1')).toBeUndefined()
    workers[1].last.answer()
    await settle()
    expect(pool.idle('b@1')?.workerId).toBe('main-2')
    workers[0].last.answer()
    await run
  })

  it('has a worker that came for one version hold another before it starts a third', async () => {
    const { pool, workers, clock } = await opened({ workers: 3 })
    for (const key of ['a@1', 'b@1']) await pool.load(key, `${key}.onnx`)
    busy(pool, 'a@1')
    for (const key of ['a@1', 'b@1']) {
      pool.want(rowsSince(clock.now(), key))
      clock.advance(growAfterMs)
      await settle()
    }
    expect(workers.map(({ loaded }) => loaded)).toEqual([
      ['a@1', 'b@1'],
      ['a@1', 'b@1'],
    ])
  })

  it.each<[string, (queue: { hasWork: boolean; since: number }, clock: FakeClock) => void]>([
    ['are answered meanwhile', (queue) => Object.assign(queue, { hasWork: false })],
    ['came later', (queue, clock) => Object.assign(queue, { since: clock.now() + 1 })],
  ])('does not grow where the rows that waited %s', async (_, change) => {
    const { pool, workers, clock } = await opened({ workers: 2 })
    await pool.load('a@1', 'a.onnx')
    busy(pool, 'a@1')
    const queue = rowsSince(clock.now(), 'a@1')
    pool.want(queue)
    change(queue, clock)
    clock.advance(growAfterMs)
    await settle()
    expect(workers).toHaveLength(1)
    Object.assign(queue, { hasWork: true, since: clock.now() })
    pool.want(queue)
    clock.advance(growAfterMs)
    await settle()
    expect(workers).toHaveLength(2)
  })

  it('that loads all the time has another hold a version whose rows have waited for four loads', async () => {
    const { pool, workers, clock } = await opened({ workers: 2, loadsOften: true })
    await pool.load('a@1', 'a.onnx')
    for (let load = 1; load <= 4; load++) {
      const loading = pool.load(`b@${load}`, 'b.onnx')
      for (let turn = 0; turn < 3; turn++) pool.want(rowsSince(clock.now(), 'a@1'))
      expect(workers).toHaveLength(load < 4 ? 1 : 2)
      await loading
    }
    await settle()
    expect(workers[1].loaded).toEqual(['a@1'])
    await pool.load('c@1', 'c.onnx')
    expect(workers.map(({ loaded }) => loaded.length)).toEqual([6, 1])
  })

  it('and releases a version in place', async () => {
    const { pool, workers } = await opened({ workers: 2, loadsOften: true })
    for (const key of ['a@1', 'b@1']) await pool.load(key, 'a.onnx')
    await pool.unload('a@1')
    expect(workers.map(({ loaded }) => loaded)).toEqual([['b@1']])
    expect(pool.holders('a@1')).toBe(0)
  })

  it('and releases one that left while a replacement was loading', async () => {
    const gate = closedGate()
    const { pool, workers } = await opened({
      workers: 2,
      loadsOften: true,
      onLoad: async (key, { id }) => {
        if (key === 'b@1' && id === 'main-2') await gate.opened
      },
    })
    for (const key of ['a@1', 'b@1']) await pool.load(key, 'a.onnx')
    workers[0].die()
    await settle()
    await pool.unload('a@1')
    gate.open()
    await settle()
    expect(workers[1].loaded).toEqual(['b@1'])
  })

  it('does not grow where a worker is idle again, or as long as versions are brought in', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened({
      workers: 2,
      onLoad: async (key) => {
        if (key === 'b@1') await gate.opened
      },
    })
    await pool.load('a@1', 'a.onnx')
    const run = busy(pool, 'a@1')
    pool.want(rowsSince(clock.now(), 'a@1'))
    workers[0].last.answer()
    await run
    clock.advance(growAfterMs)
    await settle()
    const loading = pool.load('b@1', 'b.onnx')
    await settle()
    expect(pool.idle('a@1')).toBeUndefined()
    pool.want(rowsSince(clock.now(), 'a@1'))
    clock.advance(growAfterMs)
    await settle()
    gate.open()
    await loading
    expect(workers).toHaveLength(1)
  })

  it('has no more workers hold a version than it asks for', async () => {
    const { pool, workers, clock } = await opened({ workers: 2 })
    await pool.load('a@1', 'a.onnx', { instances: 1 })
    busy(pool, 'a@1')
    pool.want(rowsSince(clock.now(), 'a@1'))
    clock.advance(growAfterMs)
    await settle()
    expect(workers).toHaveLength(1)
  })

  it('does not take a version that was unloaded while it came, and gives its memory back', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened({
      workers: 2,
      onLoad: async (_, { id }) => {
        if (id === 'main-2') await gate.opened
      },
    })
    await pool.load('a@1', 'a.onnx')
    const run = busy(pool, 'a@1')
    pool.want(rowsSince(clock.now(), 'a@1'))
    clock.advance(growAfterMs)
    await settle()
    workers[0].last.answer()
    await run
    void pool.unload('a@1')
    gate.open()
    await settle()
    expect(pool.holders('a@1')).toBe(0)
    clock.advance(1_000)
    await settle()
    expect(workers.map(({ disposed }) => disposed)).toEqual([true, false, false])
    expect(workers.slice(1).map(({ loaded }) => loaded)).toEqual([[], []])
  })

  it('says why no other worker came, and tries again after ten seconds', async () => {
    const { pool, workers, clock, lines, failures } = await opened({ workers: 2 })
    await pool.load('a@1', 'a.onnx')
    busy(pool, 'a@1')
    failures.push('no more threads')
    const queue = rowsSince(clock.now(), 'a@1')
    const growing = async () => {
      pool.want(queue)
      clock.advance(growAfterMs)
      await settle()
    }
    await growing()
    await growing()
    expect(workers).toHaveLength(1)
    expect(lines).toEqual(['shard main: no other worker for a@1: no more threads'])
    clock.advance(10_000)
    await growing()
    expect(workers).toHaveLength(2)
    expect(pool.holders('a@1')).toBe(2)
  })

  it('has another hold a version while one that it could not load rests', async () => {
    const { pool, workers, clock, lines } = await opened({
      workers: 2,
      onLoad: async (key, { id }) => {
        if (key === 'bad@1' && id === 'main-2') throw new Error('bad.onnx: no such file')
      },
    })
    for (const key of ['bad@1', 'a@1']) await pool.load(key, `${key}.onnx`)
    busy(pool, 'a@1')
    for (const key of ['bad@1', 'bad@1', 'a@1']) {
      pool.want(rowsSince(clock.now(), key))
      clock.advance(growAfterMs)
      await settle()
    }
    expect(lines).toEqual(['shard main: no other worker for bad@1: bad.onnx: no such file'])
    expect(workers.map(({ loaded }) => loaded)).toEqual([['bad@1', 'a@1'], ['a@1']])
  })

  it('ends a worker that was on its way when it is disposed of', async () => {
    const { pool, workers, clock } = await opened({ workers: 2 })
    await pool.load('a@1', 'a.onnx')
    const run = busy(pool, 'a@1')
    pool.want(rowsSince(clock.now(), 'a@1'))
    clock.advance(growAfterMs)
    const over = pool.dispose()
    workers[0].last.answer()
    await run
    await over
    expect(workers.map(({ disposed }) => disposed)).toEqual([true, true])
  })
})

/** A batch that is answered when the test says so. */
function busy(pool: Pool, key: string): Promise<unknown> {
  const seat = pool.idle(key)
  if (seat === undefined) throw new Error(`no worker is idle for ${key}`)
  return seat.infer(key, { x: { type: 'float32', dims: [1], data: Float32Array.of(7) } }, 1)
}

function rowsSince(since: number, key: string) {
  return { key, hasWork: true, since, nextSince: nextSinceOf }
}

function nextSinceOf(this: { readonly since: number }): number {
  return this.since
}

async function warmed(pool: Pool, key: string, workers: readonly HeldWorker[]): Promise<void> {
  const one = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
  const warm = pool.warm(key, [warmUpBatch(one)])
  await settle()
  workers[0].last.answer()
  await warm
}

async function opened(options: {
  workers: number
  loadsOften?: boolean
  onLoad?: (key: string, worker: HeldWorker) => Promise<void>
}) {
  const clock = new FakeClock()
  const lines: string[] = []
  /** Of the starts to come. */
  const failures: string[] = []
  const { start, workers } = heldWorkers(options.onLoad)
  const pool = await Pool.open({
    name: 'main',
    kind: 'held',
    workers: options.workers,
    loadsOften: options.loadsOften ?? false,
    onDemand: true,
    start: async (id) => {
      const failure = failures.shift()
      if (failure !== undefined) throw new Error(failure)
      return start(id)
    },
    clock,
    metrics: new CountedMetrics(),
    log: (line) => lines.push(line),
  })
  return { pool, workers, clock, lines, failures }
}

function closedGate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
