import { AbortableCaller } from '../../../lib/request/caller'
import { isGathering } from '../../../workers/batching/schedule'
import { settle } from '../../support/fakeClock'
import { heldShard } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'

describe('rows that came in this turn of the event loop', () => {
  it.each([
    [1, 0, 1_000, true, 'are held for callers that may follow'],
    [7, 99, 1_000, true, 'also for the last one that is missing'],
    [8, 0, 1_000, false, 'are not held if enough callers are there'],
    [1, 100, 1_000, false, "are not held when a tenth of the first one's time has gone"],
    [1, 1, 10, false, 'are held shorter if there is less time'],
    [1, 5_000, Number.POSITIVE_INFINITY, true, 'are held as long as others come if there is no deadline'],
  ])('%i callers, %d of %d ms: %s, they %s', (callers, waitedMs, timeMs, expected) => {
    expect(isGathering(callers, waitedMs, timeMs)).toBe(expected)
  })
})

/** The decision at the end of this turn has been taken when this resolves. */
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve))

describe('a batcher', () => {
  it('joins callers that come one a turn, as connections do', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 100 })], { workers: 2 })
    for (const value of [1, 2, 3, 4]) {
      void submit([value])
      await endOfTurn()
      expect(workers[0].batches).toEqual([])
    }
    await endOfTurn()
    expect(workers.flatMap((worker) => worker.batches)).toEqual([[1, 2, 3, 4]])
  })

  it('holds nobody for the rows of another client', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 100 })], { workers: 2 })
    const caller = (client: string) => Object.assign(new AbortableCaller(), { client })
    void submit([1], { caller: caller('a') })
    void submit([2], { caller: caller('b') })
    await endOfTurn()
    expect(workers[0].batches).toEqual([[1, 2]])
  })

  it('does not hold the rows of a caller who is alone, and joins those that came with them', async () => {
    const { submit, workers } = await heldShard([numberModel()], { workers: 2 })
    const caller = Object.assign(new AbortableCaller(), { isOnlyRequest: true })
    void submit([1], { caller })
    await Promise.resolve()
    void submit([2], { caller })
    await endOfTurn()
    expect(workers[0].batches).toEqual([[1, 2]])
  })

  it('holds the rows of one who was alone when they came and is no more', async () => {
    const { submit, workers } = await heldShard([numberModel()], { workers: 2 })
    const caller = Object.assign(new AbortableCaller(), { isOnlyRequest: true })
    void submit([1], { caller })
    caller.isOnlyRequest = false
    await endOfTurn()
    void submit([2])
    await settle()
    expect(workers[0].batches).toEqual([[1, 2]])
  })

  it('does not let an idle worker wait for a ninth caller', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 100 })], { workers: 2 })
    for (let value = 1; value <= 20; value++) {
      void submit([value])
      await endOfTurn()
    }
    await settle()
    expect(workers.map((worker) => worker.batches)).toEqual([
      [[1, 2, 3, 4, 5, 6, 7, 8]],
      [[9, 10, 11, 12, 13, 14, 15, 16]],
    ])
  })

  it('does not let an idle worker wait when the batch is full', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 2 })])
    void submit([1])
    await endOfTurn()
    void submit([2])
    await endOfTurn()
    expect(workers[0].batches).toEqual([[1, 2]])
  })

  it("does not hold rows for longer than a tenth of the first one's time", async () => {
    const { submit, workers, clock } = await heldShard([numberModel()])
    void submit([1], { deadlineMs: 50 })
    await endOfTurn()
    clock.advance(5)
    void submit([2])
    await endOfTurn()
    expect(workers[0].batches).toEqual([[1, 2]])
  })

  it('does not hold the rows of another model, nor a retry', async () => {
    const { submit, workers } = await heldShard([numberModel('a@1'), numberModel('b@1')], { workers: 3 })
    void submit([1], { key: 'a@1' })
    await settle()
    void submit([2], { key: 'b@1' })
    await endOfTurn()
    void submit([3], { key: 'a@1' })
    workers[0].die()
    await endOfTurn()
    const calls = () => workers.flatMap((worker) => worker.calls.map(({ key, values }) => ({ key, values })))
    expect(calls()).toContainEqual({ key: 'b@1', values: [2] })
    expect(calls().filter(({ values }) => values[0] === 1)).toHaveLength(2)
  })
})
