import { maxExtraRuns } from '../../../workers/batching/execution'
import { metricNames } from '../../../workers/batching/modelMetrics'
import type { Segment } from '../../../workers/shard'
import { settle } from '../../support/fakeClock'
import { heldShard, outcomes } from '../../support/heldShard'
import type { HeldWorker } from '../../support/heldWorker'
import { numberModel } from '../../support/numberModel'

describe('a worker that is lost over a batch', () => {
  it('costs nobody an answer: the rows go to another, their tensors built anew', async () => {
    let built = 0
    const model = numberModel('number@1', { preprocess: () => built++ })
    const { submit, workers, metrics } = await heldShard([model], { workers: 2 })
    const answers = Promise.all([submit([1]), submit([2])])
    await settle()
    workers[0].die()
    await settle()
    expect(workers[1].batches).toEqual([[1, 2]])
    expect(built).toBe(2)
    workers[1].last.answer()
    expect((await answers).map(outcomes)).toEqual([[10], [20]])
    expect(metrics.read(metricNames.retries)).toBe(1)
    expect(metrics.read(metricNames.workersLost)).toBe(1)
  })

  it('is retried on the replacement where there is no other', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const answer = submit([1])
    await settle()
    workers[0].die()
    await settle()
    expect(workers[1].loaded).toEqual(['number@1'])
    workers[1].last.answer()
    expect(outcomes(await answer)).toEqual([10])
  })

  it('fails the rows if a second one is lost over them, and no row of another batch', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 1 })], { workers: 2 })
    const deadly = submit([1])
    const other = submit([2])
    await settle()
    workers[0].die()
    await settle()
    workers[1].last.answer()
    await settle()
    const second = workerWith(workers, 1, 2)
    second.die()
    expect(outcomes(await deadly)).toEqual(['WORKER_LOST'])
    expect(outcomes(await other)).toEqual([20])
    await settle()
    expect(workers.flatMap((worker) => worker.batches).filter(([value]) => value === 1)).toHaveLength(2)
  })

  it('between runs, as a thread is, costs nobody an answer however often it happens', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()])
    const answer = submit([1])
    for (let death = 0; death < 3; death++) {
      await settle()
      workers[death].die('it threw', false)
      await settle()
      clock.advance(200)
    }
    await settle()
    workers[3].last.answer()
    expect(outcomes(await answer)).toEqual([10])
  })

  it('costs nobody an answer where a client with rows in several batches has gone', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxRows: 4 })], {
      workers: 2,
    })
    const controller = new AbortController()
    const gone = submit([1, 2, 3, 4, 5, 6, 7], { signal: controller.signal })
    const stays = submit([8])
    await settle()
    expect(workers.map(({ batches }) => batches)).toEqual([[[1, 2, 3, 4]], [[5, 6, 7, 8]]])
    controller.abort()
    let last = 1
    for (let death = 0; death < 2; death++) {
      workers[last].die('it threw', false)
      await settle()
      clock.advance(200)
      await settle()
      last = workers.length - 1
    }
    expect(workers[last].batches).toEqual([[8]])
    workers[last].last.answer()
    workers[0].last.answer()
    expect(outcomes(await stays)).toEqual([80])
    let left: readonly Segment[] = []
    void gone.then((segments) => {
      left = segments
    })
    await settle()
    expect(left.map(({ rows }) => rows)).toEqual([4, 3])
    expect(outcomes(left)).toEqual([10, 20, 30, 40, 'CANCELLED', 'CANCELLED', 'CANCELLED'])
  })

  it('does not get back rows whose deadline has passed meanwhile', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()], { workers: 2 })
    const short = submit([1], { deadlineMs: 100 })
    const long = submit([2])
    await settle()
    clock.advance(100)
    workers[0].die()
    await settle()
    expect(outcomes(await short)).toEqual(['DEADLINE_EXCEEDED'])
    expect(workers[1].last.values).toEqual([2])
    workers[1].last.answer()
    expect(outcomes(await long)).toEqual([20])
  })
})

describe('a worker that takes long', () => {
  it('has its rows sent to another at half their deadline; the first answer counts', async () => {
    const { submit, workers, clock, metrics } = await heldShard([numberModel()], {
      kind: 'process',
      workers: 2,
    })
    const answer = submit([1, 2])
    await settle()
    clock.advance(499)
    await settle()
    expect(workers[1].batches).toEqual([])
    clock.advance(1)
    await settle()
    expect(workers[1].batches).toEqual([[1, 2]])
    workers[1].last.answer()
    expect(outcomes(await answer)).toEqual([10, 20])
    workers[0].last.answer()
    await settle()
    expect(metrics.read(metricNames.hedges)).toBe(1)
    expect(metrics.read(metricNames.inferenceCount)).toBe(2)
    expect(metrics.read(metricNames.executionCount)).toBe(2)
  })

  it('may still be the first: then the other answer is dropped', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()], { kind: 'process', workers: 2 })
    const answer = submit([1])
    await settle()
    clock.advance(500)
    await settle()
    workers[0].last.answer()
    expect(outcomes(await answer)).toEqual([10])
    workers[1].last.answer({ y: { type: 'float32', dims: [1], data: Float32Array.of(99) } })
    await settle()
    expect(outcomes(await answer)).toEqual([10])
  })

  it('waits for a second worker to be idle, and is hedged once only', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxRows: 1 })], {
      kind: 'process',
      workers: 2,
    })
    void submit([1])
    void submit([2], { deadlineMs: 10_000 })
    await settle()
    clock.advance(600)
    await settle()
    expect(workers[1].batches).toEqual([[2]])
    workers[1].last.answer()
    await settle()
    expect(workers[1].batches).toEqual([[2], [1]])
    clock.advance(300)
    await settle()
    expect(workers.flatMap((worker) => worker.batches)).toHaveLength(3)
  })

  it('keeps its rows to itself while more rows wait than the next batch takes', async () => {
    const { submit, workers, clock, metrics } = await heldShard([numberModel('number@1', { maxRows: 1 })], {
      kind: 'process',
      workers: 2,
    })
    for (const value of [1, 2, 3, 4, 5]) void submit([value], value === 1 ? {} : { deadlineMs: 10_000 })
    await settle()
    clock.advance(600)
    await settle()
    workers[1].last.answer()
    await settle()
    expect(workers.map((worker) => worker.batches)).toEqual([[[1]], [[2], [3]]])
    expect(metrics.read(metricNames.hedges)).toBe(0)
  })

  it('that is lost while the second run is under way costs no third', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()], { kind: 'process', workers: 2 })
    const answer = submit([1])
    await settle()
    clock.advance(500)
    await settle()
    workers[0].die()
    await settle()
    workers[1].last.answer()
    expect(outcomes(await answer)).toEqual([10])
    expect(workers.flatMap((worker) => worker.batches)).toHaveLength(2)
  })

  it('that is lost while its rows wait for a second worker has them run once more, not twice', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxRows: 1 })], {
      kind: 'process',
      workers: 2,
    })
    const answer = submit([1])
    void submit([2], { deadlineMs: 10_000 })
    await settle()
    clock.advance(600)
    await settle()
    workers[0].die()
    await settle()
    expect(workers[2].batches).toEqual([[1]])
    workers[1].last.answer()
    await settle()
    expect(workers[1].batches).toEqual([[2]])
    workers[2].last.answer()
    expect(outcomes(await answer)).toEqual([10])
  })

  it('leaves no timer behind once it has answered', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()])
    const before = clock.pending
    const answer = submit([1])
    await settle()
    workers[0].last.answer()
    await answer
    const deadlineTimer = 1
    expect(clock.pending).toBe(before + deadlineTimer)
  })

  it('does not have everything run twice when all batches take long', async () => {
    const { submit, workers, clock, metrics } = await heldShard([numberModel()], {
      kind: 'process',
      workers: 2,
    })
    for (let batch = 0; batch < 30; batch++) {
      const answer = submit([batch], { deadlineMs: 100 })
      await settle()
      clock.advance(60)
      await settle()
      for (const worker of workers) worker.calls.at(-1)?.answer()
      await answer
      await settle()
    }
    expect(metrics.read(metricNames.hedges)).toBeLessThan(15)
  })

  it('has its rows to itself if it is a thread, since these would hold another thread as well', async () => {
    const { submit, workers, clock, metrics } = await heldShard([numberModel()], { workers: 2 })
    const answer = submit([1])
    await settle()
    clock.advance(1_000)
    expect(outcomes(await answer)).toEqual(['DEADLINE_EXCEEDED'])
    expect(workers.map((worker) => worker.batches)).toEqual([[[1]], []])
    expect(metrics.read(metricNames.hedges)).toBe(0)
  })
})

describe('a batch that the runtime refuses', () => {
  it('is bisected until the row at fault stands alone', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 8 })])
    const answers = Promise.all([submit([1, 2, 3]), submit([4, 5, 6, 7, 8])])
    await answerAllBut(workers, [6])
    expect((await answers).map(outcomes)).toEqual([
      [10, 20, 30],
      [40, 50, 'INFERENCE_FAILED', 70, 80],
    ])
    expect(workers[0].batches).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [5, 6],
      [7, 8],
      [5],
      [6],
    ])
    const failed = (await answers)[1].find((segment) => segment.error)
    expect(failed?.error?.message).toBe('number@1: poisoned by 6')
  })

  it('takes no more runs than it may, and saves the most rows with them', async () => {
    const rows = Array.from({ length: 64 }, (_, row) => row)
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 64 })])
    const answer = submit(rows)
    await answerAllBut(workers, [0, 9, 18, 27, 36, 45, 54, 63])
    expect(workers[0].batches.length - 1).toBeLessThanOrEqual(maxExtraRuns(64))
    const codes = outcomes(await answer)
    expect(codes).toHaveLength(64)
    for (const row of [0, 9, 18, 27, 36, 45, 54, 63]) expect(codes[row]).toBe('INFERENCE_FAILED')
  })

  it('has 2 log2(rows) + 2 runs more', () => {
    expect([1, 2, 3, 8, 512].map(maxExtraRuns)).toEqual([2, 4, 6, 8, 20])
  })

  it('is bisected as well when the tensors cannot be built', async () => {
    const model = numberModel('number@1', {
      preprocess: ([x]) => {
        if (x.includes(2)) throw new Error('a step failed over 2')
      },
    })
    const { submit, workers } = await heldShard([model])
    const answer = submit([1, 2, 3])
    await answerAllBut(workers, [])
    expect(outcomes(await answer)).toEqual([10, 'INFERENCE_FAILED', 30])
  })
})

describe('an output of the wrong shape', () => {
  it('fails the whole batch, without another run', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const answers = Promise.all([submit([1]), submit([2])])
    await settle()
    workers[0].last.answer({ y: { type: 'float32', dims: [3], data: new Float32Array(3) } })
    expect((await answers).map(outcomes)).toEqual([['MODEL_OUTPUT_SHAPE'], ['MODEL_OUTPUT_SHAPE']])
    await settle()
    expect(workers[0].batches).toHaveLength(1)
  })
})

/** The worker that has this row now, in its run number `run`. */
function workerWith(workers: readonly HeldWorker[], value: number, run: number): HeldWorker {
  const having = workers.filter((worker) => worker.batches.some(([first]) => first === value))
  expect(having).toHaveLength(run)
  return having[run - 1]
}

/** Answers batch after batch of the first worker as they come; refuses those with one of the `poisoned` rows. */
async function answerAllBut(workers: readonly HeldWorker[], poisoned: readonly number[]): Promise<void> {
  const [{ calls }] = workers
  await settle()
  for (let next = 0; next < calls.length; next++) {
    const bad = calls[next].values.find((value) => poisoned.includes(value))
    if (bad === undefined) calls[next].answer()
    else calls[next].refuse(`poisoned by ${bad}`)
    await settle()
  }
}
