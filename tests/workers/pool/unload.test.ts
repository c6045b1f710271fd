import type { Model } from '../../../models/contracts/model'
import { metricNames } from '../../../workers/batching/modelMetrics'
import { Pool } from '../../../workers/pool/pool'
import { createShard } from '../../../workers/shard'
import { paymentRisk } from '../../contracts/worker'
import { CountedMetrics } from '../../support/countedMetrics'
import { FakeClock, settle } from '../../support/fakeClock'
import { heldShard, outcomes } from '../../support/heldShard'
import { type HeldWorker, heldWorkers } from '../../support/heldWorker'
import { numberModel } from '../../support/numberModel'
import { TimedWorker } from '../../support/timedWorker'
import { warmUpBatch } from './warmUpBatch'

const renewAfterMs = 1_000
const one = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })

describe('a version that is unloaded', () => {
  it('takes no more rows at once, answers those that it has taken, and then lets its workers go', async () => {
    const { shard, submit, workers, clock } = await heldShard([
      numberModel('a@1', { maxRows: 1 }),
      numberModel('b@1'),
    ])
    const taken = [submit([1]), submit([2])]
    await settle()
    const over = shard.unload('a@1')
    await expect(submit([3])).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
      message: 'a@1 is not served on shard main',
    })
    clock.advance(renewAfterMs - 1)
    workers[0].last.answer()
    await settle()
    workers[0].last.answer()
    expect((await Promise.all(taken)).map(outcomes)).toEqual([[10], [20]])
    await settle()
    expect(workers).toHaveLength(1)
    clock.advance(renewAfterMs)
    await over
    expect(workers.map(({ loaded, disposed }) => ({ loaded, disposed }))).toEqual([
      { loaded: ['a@1', 'b@1'], disposed: true },
      { loaded: ['b@1'], disposed: false },
    ])
    expect(shard.status().queues.map(({ key }) => key)).toEqual(['b@1'])
  })

  it('can be loaded and served again', async () => {
    const model = numberModel('a@1')
    const { shard, submit, workers, clock } = await heldShard([model])
    const over = shard.unload('a@1')
    await settle()
    clock.advance(renewAfterMs)
    await over
    await shard.load('a@1', 'a.onnx')
    shard.serve(model)
    const answer = submit([4])
    await settle()
    workers[1].last.answer()
    expect(outcomes(await answer)).toEqual([40])
  })

  it('is loaded again only after the rows of its first life are answered', async () => {
    const model = numberModel('a@1')
    const { shard, submit, workers, clock } = await heldShard([model])
    const taken = submit([1])
    await settle()
    const over = shard.unload('a@1')
    const again = shard.load('a@1', 'a.onnx')
    await settle()
    expect(workers[0].loaded).toEqual(['a@1'])
    workers[0].last.answer()
    await taken
    await again
    shard.serve(model)
    await settle()
    clock.advance(renewAfterMs)
    await over
    expect(workers.at(-1)!.loaded).toEqual(['a@1'])
    const answer = submit([2])
    await settle()
    workers.at(-1)!.last.answer()
    expect(outcomes(await answer)).toEqual([20])
  })

  it('is no longer among the queues that are scraped', async () => {
    const { shard, metrics, submit } = await heldShard([numberModel('a@1', { maxRows: 1 })])
    void submit([1, 2, 3])
    await settle()
    expect(metrics.read(metricNames.queuedRows)).toBe(2)
    const idle = await heldShard([numberModel('a@1')])
    void idle.shard.unload('a@1')
    await settle()
    expect(idle.metrics.read(metricNames.queuedRows)).toBe(0)
    void shard.dispose()
  })

  it('answers what it has taken also when the shard ends meanwhile', async () => {
    const { shard, submit, workers } = await heldShard([numberModel('a@1')])
    const taken = submit([1])
    await settle()
    const unloaded = shard.unload('a@1')
    const over = shard.dispose()
    await settle()
    expect(workers[0].disposed).toBe(false)
    workers[0].last.answer()
    await Promise.all([over, unloaded])
    expect(outcomes(await taken)).toEqual([10])
    expect(workers.map(({ disposed }) => disposed)).toEqual([true])
  })

  it('has its session on this thread dropped, and no worker at all is renewed that never held it', async () => {
    const inline = new TimedWorker('main-inline', 'inline', { ms: () => 0.02 })
    const dropped: string[] = []
    const clock = new FakeClock()
    const thread = new TimedWorker('main-1', 'thread', { ms: () => 0.02 })
    const shard = await createShard({
      name: 'main',
      kind: 'thread',
      workers: 1,
      clock,
      start: async () => thread,
      startInline: () => Object.assign(inline, { unload: (key: string) => dropped.push(key) }),
    })
    const model: Model = numberModel('a@1')
    await shard.load('a@1', paymentRisk)
    await shard.warm('a@1', [warmUpBatch(one)])
    shard.serve(model)
    expect(shard.status().workers.map(({ kind }) => kind)).toEqual(['thread', 'inline'])
    void shard.unload('a@1')
    await settle()
    expect(dropped).toEqual(['a@1'])
    expect(shard.status().workers.map(({ kind }) => kind)).toEqual(['thread'])
  })
})

describe('a pool that unloads', () => {
  it('renews a worker once for all versions that are unloaded within a second, one worker after the other', async () => {
    const gates = new Map(['main-3', 'main-4'].map((id) => [id, closedGate()]))
    const { pool, workers, clock } = await opened(2, async (_, { id }) => gates.get(id)?.opened)
    for (const key of ['a@1', 'b@1', 'c@1']) await pool.load(key, `${key}.onnx`)
    const unloaded = Promise.all([pool.unload('a@1'), pool.unload('b@1')])
    clock.advance(renewAfterMs)
    await settle()
    expect(workers.map(({ id }) => id)).toEqual(['main-1', 'main-2', 'main-3'])
    expect(pool.status().map(({ id, state }) => `${id} ${state}`)).toEqual(['main-1 idle', 'main-2 idle'])
    gates.get('main-3')!.open()
    await settle()
    expect(pool.status().map(({ id }) => id)).toEqual(['main-3', 'main-2'])
    gates.get('main-4')!.open()
    await unloaded
    expect(workers.map(({ loaded }) => loaded)).toEqual([
      ['a@1', 'b@1', 'c@1'],
      ['a@1', 'b@1', 'c@1'],
      ['c@1'],
      ['c@1'],
    ])
    expect(clock.pending).toBe(0)
  })

  it('has the old worker serve until the new one holds and has run everything, and end when its last batch is done', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened(1, async (_, { id }) => {
      if (id === 'main-2') await gate.opened
    })
    await pool.load('a@1', 'a.onnx')
    await pool.load('b@1', 'b.onnx')
    const warm = pool.warm('b@1', [warmUpBatch(one)])
    await settle()
    workers[0].last.answer()
    await warm
    void pool.unload('a@1')
    clock.advance(renewAfterMs)
    await settle()
    const running = pool.idle('b@1')!.infer('b@1', one(), 1)
    const end = workers[0].holdDispose()
    gate.open()
    await settle()
    expect(workers[1].batches).toEqual([[1]])
    expect(pool.status().map(({ id, state }) => `${id} ${state}`)).toEqual(['main-1 busy'])
    workers[1].last.answer()
    await settle()
    expect(pool.status().map(({ id, state }) => `${id} ${state}`)).toEqual(['main-2 idle', 'main-1 retiring'])
    expect(pool.idle('b@1')).toBeDefined()
    workers[0].last.answer()
    expect((await running).tensors.y.data).toEqual(Float32Array.of(10))
    end()
    await settle()
    expect(pool.status().map(({ id }) => id)).toEqual(['main-2'])
  })

  it('keeps a worker whose replacement cannot hold all the others, and says so', async () => {
    const { pool, workers, clock, lines } = await opened(1, async (key, { id }) => {
      if (id === 'main-2' && key === 'b@1') throw new Error('b.onnx: must be a readable file, got ENOENT')
    })
    for (const key of ['a@1', 'b@1']) await pool.load(key, `${key}.onnx`)
    const unloaded = pool.unload('a@1')
    clock.advance(renewAfterMs)
    await unloaded
    expect(pool.status().map(({ id, state }) => `${id} ${state}`)).toEqual(['main-1 idle'])
    expect(pool.idle('b@1')).toBeDefined()
    expect(workers.map(({ disposed }) => disposed)).toEqual([false, true])
    expect(lines).toEqual([
      'shard main: worker main-2 runs without b@1: b.onnx: must be a readable file, got ENOENT',
      'shard main: worker main-1 could not be replaced and keeps what it no longer needs: main-2 cannot load b@1',
    ])
  })

  it('tries again to replace a worker that takes most of its memory, a minute after it could not', async () => {
    let isReadable = false
    const { pool, workers, clock, lines } = await opened(1, async (_, { id }) => {
      if (id !== 'main-1' && !isReadable) throw new Error('a.onnx: must be a readable file, got ENOENT')
    })
    await pool.load('a@1', 'a.onnx')
    clock.advance(60_000)
    workers[0].swell()
    await settle()
    const told = [
      'shard main: worker main-1 takes most of its memory, and is replaced while it serves',
      'shard main: worker main-2 runs without a@1: a.onnx: must be a readable file, got ENOENT',
      'shard main: worker main-1 could not be replaced and keeps what it no longer needs: main-2 cannot load a@1',
    ]
    expect(lines).toEqual(told)

    isReadable = true
    clock.advance(59_999)
    workers[0].swell()
    await settle()
    expect(lines).toEqual(told)
    clock.advance(1)
    workers[0].swell()
    await settle()
    expect(pool.status().map(({ id }) => id)).toEqual(['main-3'])
    expect(pool.idle('a@1')).toBeDefined()
  })

  it('replaces a worker that takes most of its memory once, however long its replacement takes to start', async () => {
    const gate = closedGate()
    const { pool, workers, clock, lines } = await opened(1, async (_, { id }) => {
      if (id === 'main-2') await gate.opened
    })
    await pool.load('a@1', 'a.onnx')
    for (let times = 0; times < 3; times++) {
      clock.advance(60_000)
      workers[0].swell()
      await settle()
    }
    gate.open()
    await settle()
    expect(pool.status().map(({ id }) => id)).toEqual(['main-2'])
    expect(lines).toEqual([
      'shard main: worker main-1 takes most of its memory, and is replaced while it serves',
    ])
  })

  it('replaces workers that take most of their memory one after the other', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened(2, async (_, { id }) => {
      if (id === 'main-3') await gate.opened
    })
    await pool.load('a@1', 'a.onnx')
    clock.advance(60_000)
    for (const worker of [...workers]) worker.swell()
    await settle()
    expect(workers.map(({ id }) => id)).toEqual(['main-1', 'main-2', 'main-3'])
    gate.open()
    await settle()
    expect(pool.status().map(({ id }) => id)).toEqual(['main-3', 'main-4'])
  })

  it('does not put a second worker in the place of one that is lost while its replacement starts', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened(1, async (_, { id }) => {
      if (id === 'main-2') await gate.opened
    })
    for (const key of ['a@1', 'b@1']) await pool.load(key, `${key}.onnx`)
    const unloaded = pool.unload('a@1')
    clock.advance(renewAfterMs)
    await settle()
    workers[0].die()
    await settle()
    gate.open()
    await unloaded
    expect(pool.status().map(({ id, state }) => `${id} ${state}`)).toEqual(['main-3 idle'])
    expect(workers.map(({ loaded, disposed }) => ({ loaded, disposed }))).toEqual([
      { loaded: ['a@1', 'b@1'], disposed: false },
      { loaded: ['b@1'], disposed: true },
      { loaded: ['b@1'], disposed: false },
    ])
  })

  it('loads a version that comes meanwhile into the new worker, not into the one that leaves', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened(1, async (_, { id }) => {
      if (id === 'main-2') await gate.opened
    })
    for (const key of ['a@1', 'b@1']) await pool.load(key, `${key}.onnx`)
    void pool.unload('a@1')
    clock.advance(renewAfterMs)
    await settle()
    const loaded = pool.load('c@1', 'c.onnx')
    gate.open()
    await loaded
    expect(workers.map(({ loaded }) => loaded)).toEqual([
      ['a@1', 'b@1'],
      ['b@1', 'c@1'],
    ])
  })

  it('renews the workers that took a version which another one refused', async () => {
    const { pool, workers, clock } = await opened(2, async (key, { id }) => {
      if (id === 'main-2' && key === 'bad@1') throw new Error('Protobuf parsing failed.')
    })
    await pool.load('good@1', 'good.onnx')
    await expect(pool.load('bad@1', 'bad.onnx')).rejects.toThrow('Protobuf parsing failed.')
    clock.advance(renewAfterMs)
    await settle()
    expect(workers.map(({ id, loaded, disposed }) => [id, loaded, disposed])).toEqual([
      ['main-1', ['good@1', 'bad@1'], true],
      ['main-2', ['good@1'], false],
      ['main-3', ['good@1'], false],
    ])
  })

  it('ends while a worker is renewed without leaving the new one behind', async () => {
    const gate = closedGate()
    const { pool, workers, clock } = await opened(1, async (_, { id }) => {
      if (id === 'main-2') await gate.opened
    })
    for (const key of ['a@1', 'b@1']) await pool.load(key, `${key}.onnx`)
    void pool.unload('a@1')
    clock.advance(renewAfterMs)
    await settle()
    const over = pool.dispose()
    gate.open()
    await over
    expect(workers.map(({ disposed }) => disposed)).toEqual([true, true])
    expect(clock.pending).toBe(0)
  })

  it('ends at once while a renewal is only due', async () => {
    const { pool, clock, workers } = await opened(1)
    await pool.load('a@1', 'a.onnx')
    const unloaded = pool.unload('a@1')
    await pool.dispose()
    await unloaded
    expect(workers).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})

async function opened(
  workers: number,
  onLoad?: (key: string, worker: HeldWorker) => Promise<void>,
): Promise<{ pool: Pool; workers: HeldWorker[]; clock: FakeClock; lines: string[] }> {
  const clock = new FakeClock()
  const lines: string[] = []
  const held = heldWorkers(onLoad)
  const pool = await Pool.open({
    name: 'main',
    kind: 'held',
    workers,
    start: held.start,
    clock,
    metrics: new CountedMetrics(),
    log: (line) => lines.push(line),
  })
  return { pool, workers: held.workers, clock, lines }
}

function closedGate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
