import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { systemClock } from '../../../lib/clock'
import { packageRoot } from '../../../lib/packagePaths'
import { addedNiceness } from '../../../lib/scheduling/giveWay'
import { startThreadWorker } from '../../../workers/thread/threadWorker'
import { paymentRisk, workerContract, zeros } from '../../contracts/worker'

const options = { stallAfterMs: 10_000, clock: systemClock }

describe('a thread', () => {
  workerContract(() => startThreadWorker('test', options))

  it('has the tensors moved to it: their buffers are empty afterwards', async () => {
    const worker = await startThreadWorker('test', options)
    await worker.load('payment-risk@1', paymentRisk)
    const tensors = zeros(2, 26)
    const running = worker.infer('payment-risk@1', tensors)
    expect(tensors.features.data).toHaveLength(0)
    await running
    await worker.dispose()
  })

  const onLinux = process.platform === 'linux' ? it : it.skip

  onLinux('gives way to the thread that serves HTTP', async () => {
    const own = getPriority()
    const giveWay = () => {
      const all = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))
      return all.filter((niceness) => niceness === own + addedNiceness).length
    }
    // The runtime has a thread of its own since the first session of this process.
    const before = giveWay()
    const worker = await startThreadWorker('test', options)
    expect(giveWay()).toBe(before + 1)
    expect(getPriority()).toBe(own)
    await worker.dispose()
  })

  it('that cannot start says why', async () => {
    const entry = join(packageRoot, 'dist/workers/missing.js')
    await expect(startThreadWorker('test', { ...options, entry })).rejects.toThrow(
      /worker test \(thread\) was lost: it threw Cannot find module .*missing\.js/,
    )
  })

  it.each([
    ['throws between runs', 'throw', 'it threw thrown by the test'],
    ['ends itself between runs', 'end', 'it ended itself with code 3'],
  ])('that %s is lost, and what is pending is rejected before', async (_, order, expected) => {
    const worker = await startThreadWorker('test', { ...options, entry: mortalThread })
    await worker.load('payment-risk@1', paymentRisk)
    const orders = new BroadcastChannel('mortalThread')
    const reason = await new Promise((resolve) => {
      worker.lost(resolve)
      orders.postMessage(order)
    })
    orders.close()
    expect(reason).toBe(expected)
    await expect(worker.infer('payment-risk@1', zeros(1, 26))).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: `worker test (thread) was lost: ${expected}`,
    })
    await worker.dispose()
  })
})

const mortalThread = join(packageRoot, 'tests/support/mortalThread.js')
