import { Pool } from '../../../workers/pool/pool'
import { restMs } from '../../../workers/pool/seat'
import { WorkerLost } from '../../../workers/runtime/workerLost'
import { CountedMetrics } from '../../support/countedMetrics'
import { FakeClock, settle } from '../../support/fakeClock'
import { type HeldWorker, heldWorkers } from '../../support/heldWorker'
import { warmUpBatch } from './warmUpBatch'

describe('a pool', () => {
  it('replaces a lost worker, and the new one holds every version before it takes traffic', async () => {
    const gate = closedGate()
    const { pool, workers, lines } = await opened({
      workers: 1,
      onLoad: async (key, worker) => {
        if (worker.id === 'main-2' && key === 'b@1') await gate.opened
      },
    })
    await pool.load('a@1', 'a.onnx')
    await pool.load('b@1', 'b.onnx')
    workers[0].die()
    await settle()
    expect(workers[1].loaded).toEqual(['a@1'])
    expect(pool.idle('a@1')).toBeUndefined()
    gate.open()
    await settle()
    expect(workers[1].loaded).toEqual(['a@1', 'b@1'])
    expect(pool.idle('a@1')).toBeDefined()
    expect(lines).toEqual([
      'shard main: worker main-1 (held) was lost: killed by the test; another takes its place',
    ])
  })

  it('warms every worker that holds a version, and a replacement before it takes traffic', async () => {
    const { pool, workers } = await opened({ workers: 2 })
    await pool.load('a@1', 'a.onnx', { instances: 1 })
    const batch = () => ({ x: { type: 'float32' as const, dims: [2], data: Float32Array.of(1, 2) } })
    const warm = pool.warm('a@1', [warmUpBatch(batch)])
    await settle()
    expect(workers.map((worker) => worker.batches)).toEqual([[[1, 2]], []])
    expect(pool.idle('a@1')).toBeUndefined()
    workers[0].last.answer()
    await warm
    expect(pool.idle('a@1')).toBeDefined()
    workers[0].die()
    await settle()
    expect(workers[2].batches).toEqual([[1, 2]])
    expect(pool.idle('a@1')).toBeUndefined()
    workers[2].last.answer()
    await settle()
    expect(pool.idle('a@1')).toBeDefined()
  })

  it('warms gently: one worker after the other', async () => {
    const { pool, workers } = await opened({ workers: 2 })
    await pool.load('a@1', 'a.onnx')
    const batch = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
    const warm = pool.warm('a@1', [warmUpBatch(batch)], { gently: true })
    await settle()
    expect(workers.map(({ batches }) => batches.length)).toEqual([1, 0])
    workers[0].last.answer()
    await settle()
    expect(workers.map(({ batches }) => batches.length)).toEqual([1, 1])
    workers[1].last.answer()
    await warm
  })

  it('warms gently: between two runs the worker is there for those who wait', async () => {
    const { pool, workers } = await opened({ workers: 1 })
    await pool.load('a@1', 'a.onnx')
    await pool.load('b@1', 'b.onnx')
    const batch = (value: number) => () => {
      return { x: { type: 'float32' as const, dims: [1], data: Float32Array.of(value) } }
    }
    const warm = pool.warm('a@1', [warmUpBatch(batch(1)), warmUpBatch(batch(2))], { gently: true })
    await settle()
    expect(pool.idle('b@1')).toBeUndefined()
    const freed = new Promise<void>((resolve) => pool.freed(resolve))
    workers[0].last.answer()
    await freed
    const other = pool.idle('b@1')!.infer('b@1', batch(7)(), 1)
    await settle()
    expect(workers[0].batches).toEqual([[1], [7], [2]])
    workers[0].calls[1].answer()
    workers[0].calls[2].answer()
    await Promise.all([warm, other])
  })

  it('warms the replacement of a worker that is lost over a warm-up', async () => {
    const { pool, workers } = await opened({ workers: 1 })
    await pool.load('a@1', 'a.onnx')
    const batch = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
    const warm = pool.warm('a@1', [warmUpBatch(batch)])
    await settle()
    workers[0].die()
    await settle()
    expect(workers[1].batches).toEqual([[1]])
    workers[1].last.answer()
    await warm
  })

  it('forgets a load of a worker that was given up: it may come back when the version is unloaded', async () => {
    const gate = closedGate()
    const { pool, workers } = await opened({
      workers: 1,
      onLoad: async (_, worker) => {
        if (worker.id === 'main-1') await gate.opened
      },
    })
    const loaded = pool.load('a@1', 'a.onnx')
    await settle()
    workers[0].die()
    await loaded
    void pool.unload('a@1')
    gate.open()
    await settle()
    expect(pool.holders('a@1')).toBe(0)
  })

  it('gives up on a warm-up that two workers die of', async () => {
    const { pool, workers } = await opened({ workers: 1 })
    await pool.load('a@1', 'a.onnx')
    const batch = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
    const outcome = expect(pool.warm('a@1', [warmUpBatch(batch)])).rejects.toMatchObject({
      code: 'WORKER_LOST',
    })
    await settle()
    workers[0].die()
    await settle()
    workers[1].die()
    await outcome
  })

  it('waits longer and longer before it replaces a worker that keeps dying', async () => {
    const { clock, workers } = await opened({ workers: 1 })
    workers[0].die()
    await settle()
    expect(workers).toHaveLength(2)
    workers[1].die()
    await settle()
    clock.advance(99)
    await settle()
    expect(workers).toHaveLength(2)
    clock.advance(1)
    await settle()
    expect(workers).toHaveLength(3)
    clock.advance(10_000)
    workers[2].die()
    await settle()
    expect(workers).toHaveLength(4)
  })

  it('rests 2 s at most', () => {
    expect([1, 2, 3, 4, 20].map(restMs)).toEqual([0, 100, 200, 400, 2_000])
  })

  it('takes a stalled worker out of service, starts another, and has the old one end when it can', async () => {
    const { pool, workers, metrics } = await opened({ workers: 1 })
    await pool.load('a@1', 'a.onnx')
    const late = pool
      .idle('a@1')!
      .infer('a@1', { x: { type: 'float32', dims: [1], data: Float32Array.of(7) } }, 1)
    const ended = workers[0].holdDispose()
    workers[0].stall()
    await settle()
    expect(pool.status().map(({ id, state }) => `${id} ${state}`)).toEqual([
      'main-2 idle',
      'main-1 quarantined',
    ])
    expect(metrics.read('presage_workers_lost_total')).toBe(1)
    workers[0].last.answer()
    expect((await late).tensors.y.data).toEqual(Float32Array.of(70))
    ended()
    await settle()
    expect(pool.status().map(({ id }) => id)).toEqual(['main-2'])
  })

  it('does not start ever more threads when they never come back', async () => {
    const { clock, workers } = await opened({ workers: 1 })
    const endings: (() => void)[] = []
    for (let round = 0; round < 12; round++) {
      const last = workers[workers.length - 1]
      endings.push(last.holdDispose())
      last.stall()
      await settle()
      clock.advance(9_000)
      await settle()
    }
    expect(workers).toHaveLength(8)
    endings[0]()
    await settle()
    expect(workers).toHaveLength(9)
  })

  it('ends without waiting for workers that do not come back', async () => {
    const { pool, clock, workers } = await opened({ workers: 1 })
    for (let round = 0; round < 8; round++) {
      workers[round].holdDispose()
      workers[round].stall()
      await settle()
      clock.advance(9_000)
      await settle()
    }
    // So many that no other one was started.
    expect(workers).toHaveLength(8)
    await pool.dispose()
    expect(pool.status()[0].state).toBe('ended')
  })

  it('waits for a run when it ends, until that is found to hang', async () => {
    const { pool, workers } = await opened({ workers: 1 })
    workers[0].holdDispose()
    let isOver = false
    const over = pool.dispose().then(() => {
      isOver = true
    })
    await settle()
    expect(isOver).toBe(false)
    workers[0].stall()
    await over
    expect(workers).toHaveLength(1)
  })

  it('loads a version into as many workers as its manifest says, those with the fewest versions first', async () => {
    const { pool, workers } = await opened({ workers: 3 })
    await pool.load('a@1', 'a.onnx', { instances: 2 })
    await pool.load('b@1', 'b.onnx', { instances: 1 })
    await pool.load('c@1', 'c.onnx', { instances: 9 })
    expect(workers.map((worker) => worker.loaded)).toEqual([
      ['a@1', 'c@1'],
      ['a@1', 'c@1'],
      ['b@1', 'c@1'],
    ])
  })

  it('loads one worker after the other, so that the rest can serve meanwhile', async () => {
    const gates = [closedGate(), closedGate()]
    const { pool } = await opened({
      workers: 2,
      onLoad: async (key, worker) => {
        if (key === 'new@1') await gates[worker.id === 'main-1' ? 0 : 1].opened
      },
    })
    await pool.load('old@1', 'old.onnx')
    const loading = pool.load('new@1', 'new.onnx')
    await settle()
    expect(pool.status().map(({ state }) => state)).toEqual(['busy', 'idle'])
    expect(pool.idle('old@1')).toBeDefined()
    gates[0].open()
    await settle()
    expect(pool.status().map(({ state }) => state)).toEqual(['idle', 'busy'])
    gates[1].open()
    await loading
  })

  it('forgets a version that one of its workers refuses', async () => {
    const { pool, workers } = await opened({
      workers: 2,
      onLoad: async (_, worker) => {
        if (worker.id === 'main-2') throw new Error('Protobuf parsing failed.')
      },
    })
    await expect(pool.load('bad@1', 'bad.onnx')).rejects.toThrow('Protobuf parsing failed.')
    expect(pool.holders('bad@1')).toBe(0)
    expect(pool.idle('bad@1')).toBeUndefined()
    workers[0].die()
    await settle()
    expect(workers[2].loaded).toEqual([])
  })

  it('has the replacement load a version over which a worker died', async () => {
    const { pool, workers } = await opened({
      workers: 1,
      onLoad: async (_, worker) => {
        if (worker.id !== 'main-1') return
        setImmediate(() => worker.die())
        throw new WorkerLost('killed by the test', true)
      },
    })
    await pool.load('a@1', 'a.onnx')
    expect(workers.map((worker) => worker.loaded)).toEqual([[], ['a@1']])
    expect(pool.idle('a@1')).toBeDefined()
  })

  it('forgets a version that both of its workers took too long to load, also when they have it after all', async () => {
    const gates = [closedGate(), closedGate()]
    const { pool, workers, clock } = await opened({
      workers: 1,
      onLoad: (_, worker) => gates[worker.id === 'main-1' ? 0 : 1].opened,
    })
    const refused = expect(pool.load('a@1', 'a.onnx')).rejects.toMatchObject({ code: 'WORKER_LOST' })
    await settle()
    workers[0].stall()
    await settle()
    workers[1].stall()
    await refused
    for (const gate of gates) gate.open()
    await settle()
    clock.advance(100)
    await settle()
    expect(pool.holders('a@1')).toBe(0)
    expect(workers[2].loaded).toEqual([])
  })

  it('forgets a warm-up that both of its workers took too long for, also when it is over after all', async () => {
    const { pool, workers, clock } = await opened({ workers: 1 })
    const pass = async () => {
      await settle()
      clock.advance(200)
      await settle()
    }
    await pool.load('a@1', 'a.onnx')
    const batch = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
    const refused = expect(pool.warm('a@1', [warmUpBatch(batch)])).rejects.toMatchObject({
      code: 'WORKER_LOST',
    })
    await settle()
    workers[0].stall()
    await settle()
    workers[1].stall()
    await refused
    void pool.unload('a@1')
    await pass()
    await pool.load('a@1', 'a.onnx')
    workers[0].last.answer()
    workers[1].last.answer()
    await settle()
    workers[2].die()
    await pass()
    expect(workers[3].loaded).toEqual(['a@1'])
    expect(workers[3].batches).toEqual([])
  })

  it('tries again what a replacement could not load, since its files may be back, ever more seldom', async () => {
    let isAway = true
    const { pool, clock, workers, lines } = await opened({
      workers: 1,
      onLoad: async (key, worker) => {
        if (isAway && key === 'a@1' && worker.id !== 'main-1') throw new Error('a.onnx: no such file')
      },
    })
    await pool.load('a@1', 'a.onnx')
    await pool.load('b@1', 'b.onnx')
    const batch = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
    const warm = pool.warm('a@1', [warmUpBatch(batch)])
    await settle()
    workers[0].last.answer()
    await warm
    workers[0].die()
    await settle()
    clock.advance(10_000)
    await settle()
    expect(pool.idle('a@1')).toBeUndefined()
    expect(pool.idle('b@1')).toBeDefined()
    isAway = false
    clock.advance(19_999)
    await settle()
    expect(workers[1].loaded).toEqual(['b@1'])
    clock.advance(1)
    await settle()
    expect(workers[1].batches).toEqual([[1]])
    expect(pool.idle('b@1')).toBeUndefined()
    workers[1].last.answer()
    await settle()
    expect(pool.idle('a@1')).toBeDefined()
    expect(lines.slice(1)).toEqual([
      'shard main: worker main-2 runs without a@1: a.onnx: no such file',
      'shard main: worker main-2 runs a@1 again',
    ])
    expect(clock.pending).toBe(0)
  })

  it('has a replacement release a version whose warm-up fails there', async () => {
    const { pool, clock, workers } = await opened({ workers: 1 })
    await pool.load('a@1', 'a.onnx')
    const batch = () => ({ x: { type: 'float32' as const, dims: [1], data: Float32Array.of(1) } })
    const warm = pool.warm('a@1', [warmUpBatch(batch)])
    await settle()
    workers[0].last.answer()
    await warm
    workers[0].die()
    await settle()
    for (const ms of [10_000, 20_000]) {
      workers[1].last.refuse('bad allocation')
      await settle()
      expect(workers[1].loaded).toEqual([])
      clock.advance(ms)
      await settle()
      expect(workers[1].loaded).toEqual(['a@1'])
    }
    workers[1].last.answer()
    await settle()
    expect(pool.idle('a@1')).toBeDefined()
  })

  it('gives up on a version that two workers die of while they load it, and goes on without', async () => {
    const { pool, workers } = await opened({
      workers: 1,
      onLoad: async (key, worker) => {
        if (key !== 'deadly@1') return
        worker.die()
        throw new WorkerLost('killed by the test', true)
      },
    })
    await pool.load('good@1', 'good.onnx')
    const outcome = pool.load('deadly@1', 'deadly.onnx')
    await expect(outcome).rejects.toMatchObject({ code: 'WORKER_LOST' })
    expect(workers.map((worker) => worker.loaded)).toEqual([['good@1'], ['good@1']])
  })

  it('ends all workers it has started if one cannot be started', async () => {
    const held = heldWorkers()
    const start = async (id: string) => {
      if (id === 'main-2') throw new Error('no memory')
      return held.start(id)
    }
    await expect(
      Pool.open({
        name: 'main',
        kind: 'held',
        workers: 2,
        start,
        clock: new FakeClock(),
        metrics: new CountedMetrics(),
        log: () => {},
      }),
    ).rejects.toThrow('shard main: a held worker did not start: no memory')
    expect(held.workers.map((worker) => worker.disposed)).toEqual([true])
  })

  it.each(['lost', 'renewed'])(
    'has the successor of a %s worker load nothing more when it ends',
    async (how) => {
      let go = () => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      const { pool, workers, clock, lines } = await opened({
        workers: 1,
        onLoad: async (_, { id }) => {
          if (id === 'main-2') await gate
        },
      })
      for (const key of ['a@1', 'b@1', 'c@1']) await pool.load(key, 'a.onnx')
      if (how === 'lost') workers[0].die()
      else void pool.unload('c@1')
      await settle()
      clock.advance(1_000)
      await settle()
      const told = lines.length
      const over = pool.dispose()
      go()
      await over
      expect(workers[1].loaded).toEqual(['a@1'])
      expect(workers[1].disposed).toBe(true)
      expect(lines).toHaveLength(told)
    },
  )

  it('does not speak of a replacement for a worker that dies while the pool ends', async () => {
    const { pool, workers, lines } = await opened({ workers: 1 })
    const over = pool.dispose()
    workers[0].die()
    await over
    expect(lines).toEqual([])
  })

  it('replaces nobody once it is being disposed of, not even whom it was about to', async () => {
    const { pool, workers } = await opened({ workers: 2 })
    workers[0].die()
    await settle()
    workers[2].die()
    await settle()
    expect(pool.status().map(({ state }) => state)).toEqual(['resting', 'idle'])
    await pool.dispose()
    expect(workers).toHaveLength(3)
    expect(workers[1].disposed).toBe(true)
    expect(pool.status().map(({ state }) => state)).toEqual(['ended', 'ended'])
  })
})

async function opened(options: {
  workers: number
  onLoad?: (key: string, worker: HeldWorker) => Promise<void>
}): Promise<{
  pool: Pool
  workers: HeldWorker[]
  clock: FakeClock
  metrics: CountedMetrics
  lines: string[]
}> {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  const lines: string[] = []
  const { start, workers } = heldWorkers(options.onLoad)
  const log = (line: string) => lines.push(line)
  const pool = await Pool.open({
    name: 'main',
    kind: 'held',
    workers: options.workers,
    start,
    clock,
    metrics,
    log,
  })
  return { pool, workers, clock, metrics, lines }
}

function closedGate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
