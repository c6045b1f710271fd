import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { systemClock } from '../../lib/clock'
import { packageRoot } from '../../lib/packagePaths'
import type { Model } from '../../models/contracts/model'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import { createShard, type Shard, type ShardOptions } from '../../workers/shard'
import { startThreadWorker } from '../../workers/thread/threadWorker'
import { paymentRisk } from '../contracts/worker'
import { settle } from '../support/fakeClock'
import { heldShard, outcomes } from '../support/heldShard'
import { heldWorkers } from '../support/heldWorker'
import { numberModel } from '../support/numberModel'

describe('a shard', () => {
  it('refuses rows for a version that it does not serve', async () => {
    const { shard, submit } = await heldShard([numberModel()])
    await shard.load('other@1', 'other.onnx')
    await expect(submit([1], { key: 'other@1' })).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
      message: 'other@1 is not served on shard main',
    })
  })

  it('refuses rows at once that no worker can run, since those that replaced others could not load the version', async () => {
    let isAway = false
    const held = heldWorkers(async () => {
      if (isAway) throw new Error('model.onnx: no such file')
    })
    const { shard, clock, submit } = await heldShard([numberModel()], { workers: 2, start: held.start })
    isAway = true
    held.workers[0].die()
    const answer = submit([1])
    await settle()
    held.workers[1].last.answer()
    expect(outcomes(await answer)).toEqual([10])
    held.workers[1].die()
    await settle()
    const [segment] = await submit([2])
    expect(segment.error).toMatchObject({
      code: 'MODEL_NOT_READY',
      message: 'number@1: no worker of shard main could load it',
    })
    isAway = false
    clock.advance(10_000)
    await settle()
    const later = submit([3])
    await settle()
    held.workers[2].last.answer()
    expect(outcomes(await later)).toEqual([30])
    await shard.dispose()
  })

  it('tells its workers and queues', async () => {
    const { shard, submit, workers } = await heldShard([numberModel()])
    void submit([1, 2])
    await settle()
    void submit([3])
    expect(shard.status()).toEqual({
      workers: [
        { id: 'main-1', kind: 'held', state: 'busy', batches: 0, rows: 0, versions: expect.any(Array) },
      ],
      queues: [{ key: 'number@1', waitingRows: 1 }],
    })
    workers[0].last.answer()
    await settle()
    expect(shard.status().workers).toMatchObject([{ state: 'busy', batches: 1, rows: 2 }])
  })

  it('leaves no gauge and no timer behind', async () => {
    const metrics = createPrometheusMetrics()
    const { shard, clock, submit, workers } = await heldShard([numberModel()], { metrics })
    const answer = submit([1])
    await settle()
    workers[0].last.answer()
    await answer
    const gauges = () => [...metrics.gauges('presage_queued_rows')]
    expect(gauges()).toHaveLength(1)
    await shard.dispose()
    expect(gauges()).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('answers what it has taken before it ends, and takes nothing more', async () => {
    const { shard, submit, workers } = await heldShard([numberModel('number@1', { maxRows: 1 })])
    const answers = [submit([1]), submit([2])]
    await settle()
    const over = shard.dispose()
    await expect(submit([3])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    workers[0].last.answer()
    await settle()
    expect(workers[0].disposed).toBe(false)
    workers[0].last.answer()
    await over
    expect(workers[0].disposed).toBe(true)
    expect((await Promise.all(answers)).map(outcomes)).toEqual([[10], [20]])
  })
})

const started: Shard[] = []

afterEach(async () => {
  for (const shard of started.splice(0)) await shard.dispose()
})

describe.each(['thread', 'process'] as const)('a shard of real workers, kind %s', (kind) => {
  it('gives each of many callers the answers of its own rows', async () => {
    const shard = await riskShard({ kind, workers: 2 })
    const callers = Array.from({ length: 50 }, (_, caller) =>
      probabilities(shard, [caller / 50, 1 - caller / 50]),
    )
    const answers = await Promise.all(callers)
    const alone = await probabilities(shard, [0.3, 0.7])
    expect(answers[15]).toEqual(alone)
    expect(new Set(answers.flat()).size).toBe(51)
  })
})

describe('a shard under load loses no answer', () => {
  it('when a process is killed', async () => {
    const shard = await riskShard({ kind: 'process', workers: 2 })
    await underLoad(shard, () => process.kill(pidOf(shard, 0), 'SIGKILL'))
  })

  it('when a process is frozen', async () => {
    const shard = await riskShard({ kind: 'process', workers: 2, stallAfterMs: 2_000 })
    await underLoad(shard, () => process.kill(pidOf(shard, 1), 'SIGSTOP'))
  })

  it('when one process is killed and the other frozen', async () => {
    const shard = await riskShard({ kind: 'process', workers: 2, stallAfterMs: 2_000 })
    await underLoad(
      shard,
      () => {
        const [killed, frozen] = [pidOf(shard, 0), pidOf(shard, 1)]
        process.kill(killed, 'SIGKILL')
        process.kill(frozen, 'SIGSTOP')
      },
      2,
    )
  })

  it.each(['throw', 'end'])('when all threads %s between runs', async (order) => {
    const shard = await riskShard({ kind: 'thread', workers: 2, start: startMortalThread })
    const orders = new BroadcastChannel('mortalThread')
    await underLoad(shard, () => orders.postMessage(order), 2)
    orders.close()
  })
})

describe.each(['thread', 'process'] as const)('a shard under load, kind %s', (kind) => {
  it('loses no answer while other versions are unloaded and all its workers are renewed for it', async () => {
    const shard = await riskShard({ kind, workers: 2, inline: 'never' })
    for (const key of ['old@1', 'old@2']) {
      await shard.load(key, paymentRisk)
      shard.serve({ ...riskModel, key })
    }
    let unloaded: Promise<unknown> | undefined
    await underLoad(
      shard,
      () => {
        unloaded = Promise.all([shard.unload('old@1'), shard.unload('old@2')])
      },
      2,
    )
    await unloaded
    await until(() => shard.status().workers.length === 2)
    expect(shard.status().workers.map(({ id }) => id)).toEqual(['main-3', 'main-4'])
  })
})

/** payment-risk 1 with one feature, the first of its 26. */
async function riskShard(
  options: Partial<ShardOptions> & Pick<ShardOptions, 'kind' | 'workers'>,
): Promise<Shard> {
  const shard = await createShard({ name: 'main', ...options })
  started.push(shard)
  await shard.load(riskModel.key, paymentRisk)
  shard.serve(riskModel)
  return shard
}

const riskModel: Model = {
  ...numberModel('payment-risk@1', { maxRows: 64 }),
  preprocess([x], rows) {
    const data = new Float32Array(rows * 26)
    for (let row = 0; row < rows; row++) data[row * 26] = x[row] as number
    return { features: { type: 'float32', dims: [rows, 26], data } }
  },
  checkOutputs: () => {},
}

async function probabilities(shard: Shard, values: readonly number[]): Promise<number[]> {
  const deadline = systemClock.now() + 30_000
  const segments = await shard.submit(riskModel.key, [values], values.length, { deadline })
  return segments.flatMap((segment) => {
    if (segment.error) throw segment.error
    return Array.from(segment.tensors.probability.data as Float32Array)
  })
}

/** Eight callers ask on and on; `disturb` once they do, and until that many workers are replaced and have answered. */
async function underLoad(shard: Shard, disturb: () => void, replaced = 1): Promise<void> {
  const [expected] = await probabilities(shard, [0.5])
  const before = new Set(shard.status().workers.map((worker) => worker.id))
  let asked = 0
  const isOver = () =>
    shard.status().workers.filter(({ id, batches }) => !before.has(id) && batches > 0).length >= replaced
  const caller = async () => {
    while (!isOver()) {
      if (++asked === 200) disturb()
      expect(await probabilities(shard, [0.5])).toEqual([expected])
    }
  }
  await Promise.all(Array.from({ length: 8 }, caller))
  expect(asked).toBeGreaterThan(200)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle()
}

function pidOf(shard: Shard, worker: number): number {
  const { pid } = shard.status().workers[worker]
  if (pid === undefined) throw new Error('not a process')
  return pid
}

function startMortalThread(id: string) {
  const entry = join(packageRoot, 'tests/support/mortalThread.js')
  return startThreadWorker(id, { stallAfterMs: 10_000, clock: systemClock, entry })
}
