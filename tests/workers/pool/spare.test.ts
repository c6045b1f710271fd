import { createShard } from '../../../workers/shard'
import { paymentRisk } from '../../contracts/worker'
import { FakeClock, settle } from '../../support/fakeClock'
import { heldShard, outcomes } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'
import { TimedWorker } from '../../support/timedWorker'
import { warmUpBatch } from './warmUpBatch'

/** Rows that nobody waits for: what is left over is for them. */

const models = [numberModel('m@1'), numberModel('m@2')]

async function spareShard(more: Parameters<typeof heldShard>[1] = {}) {
  const held = await heldShard(models, more)
  const spare = (values: readonly number[], key = 'm@1', deadlineMs = 1_000) =>
    held.shard.submit(key, [values], values.length, {
      deadline: held.clock.now() + deadlineMs,
      isSpare: true,
    })
  return { ...held, spare }
}

it('there is room for them while a worker that holds the version is idle and nothing waits', async () => {
  const { shard, submit, workers } = await spareShard()
  expect(shard.hasSpare('m@1')).toBe(true)
  expect(shard.hasSpare('m@3')).toBe(false)
  const first = submit([1], { key: 'm@2' })
  expect(shard.hasSpare('m@1')).toBe(false)
  await settle()
  expect(shard.hasSpare('m@1')).toBe(false)
  workers[0].last.answer()
  await first
  expect(shard.hasSpare('m@1')).toBe(true)
  await shard.dispose()
  expect(shard.hasSpare('m@1')).toBe(false)
})

it('they go after all others, whatever the deadlines, and in batches of their own', async () => {
  const { submit, spare, workers } = await spareShard()
  const answers = [spare([1], 'm@1', 10), submit([2], { key: 'm@1' }), submit([3], { key: 'm@2' })]
  for (let batch = 0; batch < 3; batch++) {
    await settle()
    workers[0].last.answer()
  }
  expect((await Promise.all(answers)).map(outcomes)).toEqual([[10], [20], [30]])
  expect(workers[0].batches.at(-1)).toEqual([1])
  expect(workers[0].batches).toHaveLength(3)
})

it('rows that are held for more of their kind keep them waiting too', async () => {
  const patient = numberModel('p@1', { maxDelayMs: 20 })
  const { shard, clock, workers } = await heldShard([patient, models[0]])
  const first = shard.submit('p@1', [[1]], 1, { deadline: clock.now() + 1_000 })
  const second = shard.submit('m@1', [[2]], 1, { deadline: clock.now() + 1_000, isSpare: true })
  await settle()
  expect(workers[0].calls).toEqual([])
  clock.advance(20)
  await settle()
  expect(workers[0].batches).toEqual([[1]])
  workers[0].last.answer()
  await settle()
  expect(workers[0].batches).toEqual([[1], [2]])
  workers[0].last.answer()
  await Promise.all([first, second])
})

it('they expire at their deadline while others have the workers', async () => {
  const { submit, spare, workers, clock } = await spareShard()
  const first = submit([1])
  await settle()
  const second = spare([2], 'm@1', 10)
  clock.advance(10)
  expect(outcomes(await second)).toEqual(['DEADLINE_EXCEEDED'])
  workers[0].last.answer()
  await first
  await settle()
  expect(workers[0].batches).toEqual([[1]])
})

it('they are not sent to a second worker when the first is slow', async () => {
  const { spare, workers, clock } = await spareShard({ workers: 2 })
  const answer = spare([1])
  await settle()
  clock.advance(600)
  await settle()
  expect(workers.map(({ calls }) => calls.length).sort()).toEqual([0, 1])
  clock.advance(400)
  expect(outcomes(await answer)).toEqual(['DEADLINE_EXCEEDED'])
})

it('they leave no trace in the metrics of their version', async () => {
  const { spare, workers, metrics } = await spareShard()
  const answer = spare([1, 2])
  await settle()
  workers[0].last.answer()
  await answer
  expect(metrics.read('presage_inference_count_total')).toBe(0)
  expect(metrics.read('presage_queue_duration_seconds')).toBe(0)
})

it('a version that is unloaded answers those that it has taken first', async () => {
  const { shard, spare, workers, clock } = await spareShard()
  const answer = spare([1])
  await settle()
  const gone = shard.unload('m@1')
  workers[0].last.answer()
  expect(outcomes(await answer)).toEqual([10])
  await expect(spare([2])).rejects.toMatchObject({ code: 'MODEL_NOT_READY' })
  await settle()
  clock.advance(1_000)
  await gone
})

it('they run on the threads, also where the version runs inline', async () => {
  const clock = new FakeClock()
  const thread = new TimedWorker('main-1', 'thread', { ms: () => 0.02 })
  const inline = new TimedWorker('main-inline', 'inline', { ms: () => 0.02 })
  const shard = await createShard({
    ...{ name: 'main', kind: 'thread', workers: 1, clock },
    start: async () => thread,
    startInline: () => inline,
  })
  const [model] = models
  await shard.load(model.key, paymentRisk)
  await shard.warm(model.key, [warmUpBatch(() => model.preprocess([[1]], 1))])
  shard.serve(model)
  for (const worker of [thread, inline]) worker.batches.length = 0
  const options = { deadline: clock.now() + 1_000 }
  await shard.submit(model.key, [[1]], 1, options)
  await shard.submit(model.key, [[2]], 1, { ...options, isSpare: true })
  expect([inline.batches, thread.batches]).toEqual([[[1]], [[2]]])
})
