import { getEventListeners, getMaxListeners } from 'node:events'
import { metricNames } from '../../../workers/batching/modelMetrics'
import { settle } from '../../support/fakeClock'
import { heldShard, outcomes } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'

describe('a deadline', () => {
  it('that has passed already costs nothing', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    expect(outcomes(await submit([1, 2], { deadlineMs: 0 }))).toEqual([
      'DEADLINE_EXCEEDED',
      'DEADLINE_EXCEEDED',
    ])
    await settle()
    expect(workers[0].batches).toEqual([])
  })

  it('that cannot be met, as runs have taken so far, costs nothing either', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxRows: 2 })])
    const first = submit([1, 2], { deadlineMs: 2_000 })
    await settle()
    workers[0].last.answer(undefined, 40)
    await first
    const others = submit([3, 4, 5, 6, 7, 8], { deadlineMs: 100 })
    await settle()
    const [refused] = await submit([9], { deadlineMs: 110 })
    expect(refused.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message:
        'number@1: no answer can come before the deadline: 110.0 ms are left, 4 rows go before, at least 118.8 ms are needed',
    })
    const enough = submit([9], { deadlineMs: 150 })
    for (let batch = 0; batch < 3; batch++) {
      workers[0].last.answer(undefined, 40)
      await settle()
    }
    expect(outcomes(await others)).toEqual([30, 40, 50, 60, 70, 80])
    workers[0].last.answer(undefined, 40)
    expect(outcomes(await enough)).toEqual([90])
    expect(clock.now()).toBe(1_000)
  })

  it('that is earlier goes first, and does not wait for those that have more time', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 2 })])
    const running = submit([1, 2], { deadlineMs: 2_000 })
    await settle()
    const patient = submit([3, 4, 5], { deadlineMs: 2_000 })
    const urgent = submit([6], { deadlineMs: 50 })
    const between = submit([7, 8], { deadlineMs: 1_000 })
    const alsoUrgent = submit([9], { deadlineMs: 50 })
    for (let batch = 0; batch < 5; batch++) {
      await settle()
      workers[0].last.answer()
    }
    await Promise.all([running, patient, urgent, between, alsoUrgent])
    expect(workers[0].batches).toEqual([[1, 2], [6, 9], [7, 8], [3, 4], [5]])
    expect(outcomes(await patient)).toEqual([30, 40, 50])
  })

  it('counts among rows of one priority: the highest is 1, and 2 is that of rows without one', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 2 })])
    const running = submit([1, 2])
    await settle()
    const answers = [
      submit([3, 4], { deadlineMs: 500, priority: 3 }),
      submit([5, 6], { priority: 2 }),
      submit([7, 8], { priority: 1 }),
      submit([9, 10]),
    ]
    for (let batch = 0; batch < 5; batch++) {
      await settle()
      workers[0].last.answer()
    }
    await Promise.all([running, ...answers])
    expect(workers[0].batches).toEqual([
      [1, 2],
      [7, 8],
      [5, 6],
      [9, 10],
      [3, 4],
    ])
  })

  it('lets rows of a high priority in where others would be too late', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 2 })])
    const first = submit([1, 2])
    await settle()
    workers[0].last.answer(undefined, 40)
    await first
    const others = submit([3, 4, 5, 6, 7, 8], { deadlineMs: 900 })
    await settle()
    const [late] = await submit([9], { deadlineMs: 100, priority: 3 })
    expect(late.error?.code).toBe('DEADLINE_EXCEEDED')
    const high = submit([9], { deadlineMs: 950, priority: 1 })
    for (let batch = 0; batch < 4; batch++) {
      workers[0].last.answer(undefined, 40)
      await settle()
    }
    expect(outcomes(await high)).toEqual([90])
    await others
    expect(workers[0].batches[2]).toEqual([9, 5])
  })

  it('that is too short for the model is tried even so where nothing else runs: it may be faster by now', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const first = submit([1], { deadlineMs: 2_000 })
    await settle()
    workers[0].last.answer(undefined, 40)
    await first
    const answer = submit([2], { deadlineMs: 20 })
    await settle()
    workers[0].last.answer(undefined, 5)
    expect(outcomes(await answer)).toEqual([20])
  })

  it('refuses rows that wait, and only those whose it is', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()])
    void submit([1])
    await settle()
    const short = submit([2, 3], { deadlineMs: 50 })
    const long = submit([4])
    clock.advance(50)
    expect(await short).toMatchObject([
      {
        rows: 2,
        error: {
          code: 'DEADLINE_EXCEEDED',
          message: 'number@1: no answer before the deadline, waited 50 ms',
        },
      },
    ])
    workers[0].last.answer()
    await settle()
    expect(workers[0].last.values).toEqual([4])
    workers[0].last.answer()
    expect(outcomes(await long)).toEqual([40])
  })

  it('answers its caller also while the worker is still busy with the rows, and leaves the others of the batch alone', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()])
    const short = submit([1], { deadlineMs: 50 })
    const long = submit([2])
    await settle()
    expect(workers[0].batches).toEqual([[1, 2]])
    clock.advance(50)
    expect(outcomes(await short)).toEqual(['DEADLINE_EXCEEDED'])
    workers[0].last.answer()
    expect(outcomes(await long)).toEqual([20])
  })

  it('keeps what was answered before it: only the rest is refused, in order', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxRows: 2 })], {
      workers: 2,
    })
    const answer = submit([1, 2, 3, 4, 5])
    await settle()
    workers[1].last.answer()
    await settle()
    clock.advance(1_000)
    expect(outcomes(await answer)).toEqual([
      'DEADLINE_EXCEEDED',
      'DEADLINE_EXCEEDED',
      30,
      40,
      'DEADLINE_EXCEEDED',
    ])
  })

  it('counts also when its timer is late: the rows reach no worker', async () => {
    const { submit, workers, clock } = await heldShard([numberModel()])
    const first = submit([1], { deadlineMs: 100 })
    await settle()
    const late = submit([2], { deadlineMs: 100 })
    const long = submit([3])
    clock.stall(100)
    workers[0].die()
    await settle()
    expect(outcomes(await first)).toEqual(['DEADLINE_EXCEEDED'])
    expect(outcomes(await late)).toEqual(['DEADLINE_EXCEEDED'])
    expect(workers[1].batches).toEqual([[3]])
    workers[1].last.answer()
    expect(outcomes(await long)).toEqual([30])
  })

  it('is watched by one timer, however many rows wait', async () => {
    const { submit, clock } = await heldShard([numberModel()])
    void submit([0], { deadlineMs: Number.POSITIVE_INFINITY })
    await settle()
    const before = clock.pending
    for (let caller = 0; caller < 10; caller++) void submit([caller], { deadlineMs: 100 + caller })
    await settle()
    expect(clock.pending).toBe(before + 1)
  })
})

describe('a caller that has gone', () => {
  it('takes its waiting rows along, and nobody else loses any', async () => {
    const { submit, workers, metrics } = await heldShard([numberModel()])
    const gone = new AbortController()
    void submit([1])
    await settle()
    const cancelled = submit([2, 3], { signal: gone.signal })
    const other = submit([4])
    gone.abort()
    expect(outcomes(await cancelled)).toEqual(['CANCELLED', 'CANCELLED'])
    expect(metrics.read(metricNames.queuedRows)).toBe(1)
    workers[0].last.answer()
    await settle()
    expect(workers[0].last.values).toEqual([4])
    workers[0].last.answer()
    expect(outcomes(await other)).toEqual([40])
  })

  it('does not stop a batch that was handed over: its rows are answered', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 2 })])
    const gone = new AbortController()
    const answer = submit([1, 2, 3], { signal: gone.signal })
    await settle()
    gone.abort()
    workers[0].last.answer()
    expect(outcomes(await answer)).toEqual([10, 20, 'CANCELLED'])
    await settle()
    expect(workers[0].batches).toEqual([[1, 2]])
  })

  it('is listened to by any number of submissions while they wait, and by none once they are answered', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 20 })])
    const { signal } = new AbortController()
    void submit([0])
    await settle()
    const answers = Array.from({ length: 20 }, (_, row) => submit([row], { signal }))
    await settle()
    expect(getEventListeners(signal, 'abort')).toHaveLength(20)
    expect(getMaxListeners(signal)).toBe(Number.POSITIVE_INFINITY)
    workers[0].last.answer()
    await settle()
    workers[0].last.answer()
    await Promise.all(answers)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('is not listened to by rows that a worker takes in the turn they came', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const { signal } = new AbortController()
    const answer = submit([1], { signal })
    await settle()
    expect(workers[0].batches).toEqual([[1]])
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    workers[0].last.answer()
    expect(outcomes(await answer)).toEqual([10])
  })

  it('in the turn in which it came takes its rows along before a worker sees them', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const gone = new AbortController()
    const cancelled = submit([1, 2], { signal: gone.signal })
    const other = submit([3])
    gone.abort()
    await settle()
    expect(outcomes(await cancelled)).toEqual(['CANCELLED', 'CANCELLED'])
    expect(workers[0].batches).toEqual([[3]])
    workers[0].last.answer()
    expect(outcomes(await other)).toEqual([30])
  })

  it('before it came costs nothing', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    expect(outcomes(await submit([1], { signal: AbortSignal.abort() }))).toEqual(['CANCELLED'])
    await settle()
    expect(workers[0].batches).toEqual([])
  })

  it('gets every row answered once, also where a second worker has them as well', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxRows: 2 })], {
      kind: 'process',
      workers: 3,
    })
    const gone = new AbortController()
    const answer = submit([1, 2, 3, 4, 5, 6], { signal: gone.signal })
    await settle()
    gone.abort()
    workers[2].last.answer()
    clock.advance(500)
    await settle()
    expect(workers[2].batches).toEqual([
      [5, 6],
      [1, 2],
    ])
    workers[0].last.answer()
    workers[2].last.answer()
    await settle()
    workers[1].last.answer()
    expect(outcomes(await answer)).toEqual([10, 20, 30, 40, 50, 60])
  })

  it('is not worth a retry', async () => {
    const { submit, workers } = await heldShard([numberModel()], { workers: 2 })
    const gone = new AbortController()
    const cancelled = submit([1], { signal: gone.signal })
    const other = submit([2])
    await settle()
    gone.abort()
    workers[0].die()
    await settle()
    expect(outcomes(await cancelled)).toEqual(['CANCELLED'])
    expect(workers[1].batches).toEqual([[2]])
    workers[1].last.answer()
    expect(outcomes(await other)).toEqual([20])
  })
})
