import type { UnfitVersion } from '../../../workers/shard'
import { settle } from '../../support/fakeClock'
import { heldShard, outcomes } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'

/** Rows of the two versions, `bad` first, on one worker. */
async function twoVersions() {
  const held = await heldShard([numberModel('bad@1', { maxRows: 1 }), numberModel('good@1')])
  const unfit: unknown[] = []
  held.shard.unfit((version) => unfit.push(version))
  return { ...held, unfit }
}

it('a version over which one worker took too much is tried once more', async () => {
  const { submit, workers, unfit } = await twoVersions()
  const answer = submit([1])
  await settle()
  workers[0].burst('bad@1')
  await settle()
  workers[1].last.answer()
  expect(outcomes(await answer)).toEqual([10])
  expect(unfit).toEqual([])
})

it('the second time its rows are refused, those that wait too, and the others are answered', async () => {
  const { submit, workers, shard, clock, unfit } = await twoVersions()
  const bad = Promise.all([submit([1]), submit([2]), submit([3])])
  const good = submit([4], { key: 'good@1' })
  await settle()
  workers[0].burst('bad@1')
  await settle()
  workers[1].burst('bad@1')
  await settle()
  // So long the seat rests after two losses in a row.
  clock.advance(100)
  expect(unfit).toEqual([
    {
      key: 'bad@1',
      reason: 'memory: two workers exceeded their limit within a short time; it took too much',
    },
  ])
  expect((await bad).flatMap(outcomes).sort()).toEqual(['MODEL_NOT_READY', 'MODEL_NOT_READY', 'WORKER_LOST'])
  await settle()
  expect(workers[2].batches).toEqual([[4]])
  workers[2].last.answer()
  expect(outcomes(await good)).toEqual([40])
  await expect(submit([5])).rejects.toMatchObject({ code: 'MODEL_NOT_READY' })
  void shard.unload('bad@1')
})

it('two workers that took too much long after each other have leaked, and cost no version', async () => {
  const { submit, workers, clock, unfit } = await twoVersions()
  workers[0].burst('bad@1')
  await settle()
  clock.advance(10 * 60_000 + 1)
  workers[1].burst('bad@1')
  await settle()
  expect(unfit).toEqual([])
  const answer = submit([1])
  await settle()
  workers[2].last.answer()
  expect(outcomes(await answer)).toEqual([10])
})

/** Two workers, one after the other, do not come back from rows of `bad`, until the returned functions are called. */
async function hangTwice({ submit, workers }: Awaited<ReturnType<typeof twoVersions>>) {
  void submit([1])
  void submit([2])
  const comeBack: (() => void)[] = []
  for (const at of [0, 1]) {
    await settle()
    comeBack.push(workers[at].holdDispose())
    workers[at].stall()
  }
  await settle()
  return comeBack
}

it('a version from which two workers do not come back is out of service until they do, and the others are answered', async () => {
  const held = await twoVersions()
  const { submit, workers, shard, clock, unfit } = held
  const comeBack = await hangTwice(held)
  const waiting = submit([3], { deadlineMs: 10_000 })
  clock.advance(1_000)
  expect(unfit).toEqual([
    {
      key: 'bad@1',
      reason: 'runs: two workers have not come back from it; it is tried again once they have',
      over: expect.any(Promise),
    },
  ])
  expect(outcomes(await waiting)).toEqual(['MODEL_NOT_READY'])
  const good = submit([4], { key: 'good@1' })
  await settle()
  workers[2].last.answer()
  expect(outcomes(await good)).toEqual([40])
  let isOver = false
  void (unfit[0] as UnfitVersion).over?.then(() => {
    isOver = true
  })
  comeBack[0]()
  await settle()
  expect(isOver).toBe(false)
  comeBack[1]()
  await settle()
  expect(isOver).toBe(true)
  void shard.unload('bad@1')
})

it('a version that hangs again is tried again only after ten minutes, so that it does not cost workers all the time', async () => {
  const { submit, workers, shard, clock, unfit } = await twoVersions()
  for (let time = 1; time <= 2; time++) {
    void submit([1], { deadlineMs: 4_000 })
    void submit([2], { deadlineMs: 4_000 })
    const comeBack: (() => void)[] = []
    for (let nth = 1; nth <= 2; nth++) {
      await settle()
      comeBack.push(workers.at(-1)!.holdDispose())
      workers.at(-1)!.stall()
      await settle()
      clock.advance(nth === 1 ? 900 : 2_000)
    }
    expect(unfit).toHaveLength(time)
    let isOver = false
    void (unfit.at(-1) as UnfitVersion).over?.then(() => {
      isOver = true
    })
    for (const comesBack of comeBack) comesBack()
    await settle()
    expect(isOver).toBe(time === 1)
    const unloaded = shard.unload('bad@1')
    clock.advance(5_000)
    await settle()
    clock.advance(5_000)
    await unloaded
    await shard.load('bad@1', 'bad.onnx')
    shard.serve(numberModel('bad@1', { maxRows: 1 }))
    if (time === 1) continue
    clock.advance(10 * 60_000 - 10_001)
    await settle()
    expect(isOver).toBe(false)
    clock.advance(1)
    await settle()
    expect(isOver).toBe(true)
  }
  expect((unfit[1] as UnfitVersion).reason).toBe(
    'runs: two workers have not come back from it, as before; it is tried again ten minutes after they have',
  )
})

it('two workers that come back soon, as after a machine stood still, cost no version', async () => {
  const held = await twoVersions()
  const { submit, workers, clock, unfit } = held
  const answers = [submit([1]), submit([2])]
  await settle()
  const comesBack = workers[0].holdDispose()
  workers[0].stall()
  await settle()
  workers[1].holdDispose()
  workers[1].stall()
  await settle()
  comesBack()
  await settle()
  clock.advance(1_000)
  await settle()
  expect(unfit).toEqual([])
  for (const worker of workers) for (const call of worker.calls) call.answer()
  await Promise.all(answers)
})
