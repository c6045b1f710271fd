import { metricNames } from '../../../workers/batching/modelMetrics'
import { dueAt, leastWait, rowsToCut } from '../../../workers/batching/schedule'
import { settle } from '../../support/fakeClock'
import { heldShard, outcomes } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'

describe('when a batch is cut', () => {
  const limits = { maxRows: 512, maxDelayMs: 5 }

  it.each([
    [0, Number.POSITIVE_INFINITY, 'never, if nothing waits'],
    [1, 1_005, 'when its oldest row has waited for the delay'],
    [511, 1_005, 'also if one row is missing'],
    [512, 1_000, 'at once if it is full'],
    [900, 1_000, 'at once if it is more than full'],
  ])('%i rows: %d', (rows, expected) => {
    expect(dueAt(rows, 1_000, limits)).toBe(expected)
  })

  it('takes what waits, at most maxRows', () => {
    expect(rowsToCut(3, limits)).toBe(3)
    expect(rowsToCut(900, limits)).toBe(512)
  })
})

describe('a batcher', () => {
  it('joins what is submitted in one turn of the event loop into one batch, in order', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const answers = Promise.all([submit([1]), submit([2, 3]), submit([4])])
    await settle()
    expect(workers[0].batches).toEqual([[1, 2, 3, 4]])
    workers[0].last.answer()
    expect((await answers).map(outcomes)).toEqual([[10], [20, 30], [40]])
  })

  it('lets the batch grow while the workers are busy', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const answers = [submit([1])]
    await settle()
    answers.push(submit([2]))
    await settle()
    answers.push(submit([3]))
    await settle()
    expect(workers[0].batches).toEqual([[1]])
    workers[0].last.answer()
    await settle()
    expect(workers[0].batches).toEqual([[1], [2, 3]])
    workers[0].last.answer()
    expect((await Promise.all(answers)).map(outcomes)).toEqual([[10], [20], [30]])
  })

  it('splits more rows than maxRows in order, over all idle workers, and fills the last batch with others', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 4 })], { workers: 2 })
    const answers = Promise.all([submit([1, 2, 3, 4, 5, 6, 7, 8, 9]), submit([10, 11])])
    await settle()
    expect(workers.map((worker) => worker.batches)).toEqual([[[1, 2, 3, 4]], [[5, 6, 7, 8]]])
    workers[1].last.answer()
    await settle()
    expect(workers[1].batches).toEqual([
      [5, 6, 7, 8],
      [9, 10, 11],
    ])
    workers[1].last.answer()
    workers[0].last.answer()
    const [long, short] = await answers
    expect(long.map((segment) => segment.rows)).toEqual([4, 4, 1])
    expect(outcomes(long)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90])
    expect(outcomes(short)).toEqual([100, 110])
  })

  it('keeps rows together that came together, where the batch is half full without them', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 4 })])
    const first = submit([0])
    await settle()
    const rest = Promise.all([submit([1, 2]), submit([3, 4, 5]), submit([6, 7, 8, 9])])
    for (let batch = 0; batch < 5; batch++) {
      workers[0].last.answer()
      await settle()
    }
    expect(workers[0].batches).toEqual([[0], [1, 2], [3, 4, 5], [6, 7, 8, 9]])
    expect(outcomes(await first)).toEqual([0])
    expect((await rest).map(outcomes)).toEqual([
      [10, 20],
      [30, 40, 50],
      [60, 70, 80, 90],
    ])
  })

  it('splits them where it is not', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 4 })])
    const first = submit([0])
    await settle()
    const rest = Promise.all([submit([1]), submit([2, 3, 4, 5])])
    for (let batch = 0; batch < 3; batch++) {
      workers[0].last.answer()
      await settle()
    }
    expect(workers[0].batches).toEqual([[0], [1, 2, 3, 4], [5]])
    expect([await first, ...(await rest)].map(outcomes)).toEqual([[0], [10], [20, 30, 40, 50]])
  })

  it('answers with views on the output of the batch, not with copies', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    const answers = Promise.all([submit([1]), submit([2, 3])])
    await settle()
    const data = Float32Array.of(10, 11, 20, 21, 30, 31)
    workers[0].last.answer({ y: { type: 'float32', dims: [3, 2], data } })
    const [[first], [second]] = await answers
    expect(first.tensors?.y.dims).toEqual([1, 2])
    expect(second.tensors?.y.dims).toEqual([2, 2])
    expect(second.tensors?.y.data).toEqual(Float32Array.of(20, 21, 30, 31))
    expect((second.tensors!.y.data as Float32Array).buffer).toBe(data.buffer)
  })

  it('tells each caller who ran its rows, among how many, how long that took, and how long they had waited', async () => {
    const { submit, workers, clock } = await heldShard([numberModel('number@1', { maxDelayMs: 5 })])
    const first = submit([1])
    await settle()
    clock.advance(4)
    const second = submit([2, 3])
    await settle()
    clock.advance(1)
    await settle()
    workers[0].last.answer(undefined, 7)
    const run = { worker: workers[0].id, rows: 3, computeMs: 7 }
    expect([...(await first), ...(await second)]).toEqual([
      expect.objectContaining({ rows: 1, run, queueMs: 5 }),
      expect.objectContaining({ rows: 2, run, queueMs: 1 }),
    ])
  })

  it('never gives an empty submission to a worker', async () => {
    const { submit, workers } = await heldShard([numberModel()])
    expect(await submit([])).toEqual([])
    await settle()
    expect(workers[0].batches).toEqual([])
  })

  it('lets an idle worker wait for more rows for as long as the manifest says, and takes a full batch at once', async () => {
    const { submit, workers, clock } = await heldShard([
      numberModel('number@1', { maxRows: 3, maxDelayMs: 5 }),
    ])
    void submit([1])
    await settle()
    clock.advance(4)
    void submit([2])
    await settle()
    expect(workers[0].batches).toEqual([])
    clock.advance(1)
    await settle()
    expect(workers[0].batches).toEqual([[1, 2]])
    workers[0].last.answer()
    await settle()
    void submit([3, 4, 5])
    await settle()
    expect(workers[0].batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
  })

  it('refuses rows beyond the bound of its queue at once, and takes rows again when some have gone', async () => {
    const { submit, workers, metrics } = await heldShard([numberModel()], { maxQueueRows: 3 })
    void submit([1])
    await settle()
    void submit([2, 3])
    await expect(submit([4, 5])).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: 'number@1: the queue takes 3 rows and holds 2, got 2 more',
    })
    void submit([6])
    expect(metrics.read(metricNames.queuedRows)).toBe(3)
    workers[0].last.answer()
    await settle()
    expect(workers[0].last.values).toEqual([2, 3, 6])
    expect(metrics.read(metricNames.queuedRows)).toBe(0)
  })

  it('holds 50,000 rows unless the configuration says less', async () => {
    const { submit } = await heldShard([numberModel()])
    const rows = new Array<number>(50_000).fill(1)
    void submit(rows)
    await expect(submit([1])).rejects.toMatchObject({ code: 'OVERLOADED' })
  })

  it('counts rows and model calls', async () => {
    const { submit, workers, metrics } = await heldShard([numberModel()])
    const answers = Promise.all([submit([1, 2]), submit([3])])
    await settle()
    workers[0].last.answer()
    await answers
    expect(metrics.read(metricNames.inferenceCount)).toBe(3)
    expect(metrics.read(metricNames.executionCount)).toBe(1)
    expect(metrics.read(metricNames.queueDuration)).toBe(2)
    expect(metrics.read(metricNames.computeInferDuration)).toBe(1)
  })
})

describe('the least time until a row is answered', () => {
  const estimate = (rows: number) => 1 + rows / 100

  it.each([
    [0, 1, 1.01, 'is its own run where nothing waits'],
    [50, 1, 1.51, 'with those that wait already'],
    [100, 1, 3.01, 'after each full batch'],
    [350, 1, 7.51, 'all of them'],
    [350, 2, 3.51, 'as many at once as there are workers'],
  ])('with %i rows before it and %i workers: %d ms, %s', (rowsAhead, workers, expected) => {
    expect(leastWait(rowsAhead, 100, workers, estimate)).toBeCloseTo(expected, 10)
  })
})

describe('several models in front of one pool', () => {
  it('are served by the deadline of their oldest row', async () => {
    const { submit, workers } = await heldShard([numberModel('a@1'), numberModel('b@1'), numberModel('c@1')])
    void submit([0], { key: 'a@1' })
    await settle()
    for (const [key, deadlineMs] of [
      ['a@1', 300],
      ['b@1', Number.POSITIVE_INFINITY],
      ['c@1', 200],
    ] as const) {
      void submit([1], { key, deadlineMs })
    }
    await settle()
    for (let batch = 0; batch < 3; batch++) {
      workers[0].last.answer()
      await settle()
    }
    expect(workers[0].calls.map((call) => call.key)).toEqual(['a@1', 'c@1', 'a@1', 'b@1'])
  })

  it('are served by the age of their oldest row where deadlines do not differ', async () => {
    const models = [numberModel('a@1'), numberModel('b@1'), numberModel('c@1')]
    const { submit, workers, clock } = await heldShard(models)
    void submit([0], { key: 'a@1' })
    await settle()
    for (const key of ['c@1', 'a@1', 'b@1', 'c@1']) {
      clock.advance(1)
      void submit([1], { key, deadlineMs: 2_000 - clock.now() })
    }
    await settle()
    for (let batch = 0; batch < 3; batch++) {
      workers[0].last.answer()
      await settle()
    }
    expect(workers[0].calls.map((call) => call.key)).toEqual(['a@1', 'c@1', 'a@1', 'b@1'])
    expect(workers[0].calls[1].values).toEqual([1, 1])
  })

  it('do not wait for each other where a worker holds only some of them', async () => {
    const single = numberModel('single@1')
    const models = [
      { ...single, manifest: { ...single.manifest, instances: 1 } },
      numberModel('everywhere@1'),
    ]
    const { submit, workers } = await heldShard(models, { workers: 2 })
    expect(workers.map((worker) => worker.loaded)).toEqual([['single@1', 'everywhere@1'], ['everywhere@1']])
    void submit([1], { key: 'single@1' })
    await settle()
    void submit([2], { key: 'single@1' })
    void submit([3], { key: 'everywhere@1' })
    await settle()
    expect(workers.map((worker) => worker.batches)).toEqual([[[1]], [[3]]])
  })
})
