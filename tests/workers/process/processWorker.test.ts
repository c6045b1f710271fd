import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import { type Clock, systemClock } from '../../../lib/clock'
import { compiledPath } from '../../../lib/packagePaths'
import { addedNiceness } from '../../../lib/scheduling/giveWay'
import { startProcessWorker } from '../../../workers/process/processWorker'
import type { Worker } from '../../../workers/runtime/worker'
import { paymentRisk, workerContract, zeros } from '../../contracts/worker'
import { FakeClock } from '../../support/fakeClock'

const stallAfterMs = 10_000
const start = (clock: Clock = systemClock) => startProcessWorker('test', { stallAfterMs, clock })

describe('a process', () => {
  workerContract(() => start())

  it('gives way to the process that serves HTTP', async () => {
    const worker = await start()
    expect(getPriority(worker.pid!)).toBe(getPriority() + addedNiceness)
    await worker.dispose()
  })

  it('that is killed in the middle of a batch rejects it with WORKER_LOST', async () => {
    const worker = await start()
    await worker.load('payment-risk@1', paymentRisk)
    // Stopped, it has taken the batch and cannot answer.
    process.kill(worker.pid!, 'SIGSTOP')
    const running = worker.infer('payment-risk@1', zeros(2, 26))
    const lost = reasonOf(worker)
    process.kill(worker.pid!, 'SIGKILL')
    await expect(running).rejects.toMatchObject({ code: 'WORKER_LOST' })
    expect(await lost).toBe('it was ended by SIGKILL')
  })

  it('that is frozen while it has nothing to do is found and killed', async () => {
    const clock = new FakeClock()
    const worker = await start(clock)
    process.kill(worker.pid!, 'SIGSTOP')
    const lost = reasonOf(worker)
    clock.advance(2 * stallAfterMs)
    expect(await lost).toBe('no reply to ping within 10000 ms')
  })

  it('that is frozen with a batch is killed after its limit', async () => {
    const clock = new FakeClock()
    const worker = await start(clock)
    await worker.load('payment-risk@1', paymentRisk)
    process.kill(worker.pid!, 'SIGSTOP')
    const lost = reasonOf(worker)
    const running = worker.infer('payment-risk@1', zeros(2, 26))
    clock.advance(stallAfterMs)
    await expect(running).rejects.toMatchObject({ code: 'WORKER_LOST' })
    expect(await lost).toBe('no reply to infer within 10000 ms')
  })

  it('goes on when a signal meant for the whole group reaches it: its parent drains it', async () => {
    const worker = await start()
    process.kill(worker.pid!, 'SIGTERM')
    process.kill(worker.pid!, 'SIGINT')
    await worker.load('payment-risk@1', paymentRisk)
    await expect(worker.infer('payment-risk@1', zeros(2, 26))).resolves.toBeDefined()
    await worker.dispose()
  })

  it('ends by itself when its parent is gone', async () => {
    const parent = spawn(process.execPath, ['-e', parentScript], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [line] = await once(parent.stdout, 'data')
    expect(() => process.kill(Number(line), 0)).not.toThrow()
    parent.kill('SIGKILL')
    // The worker holds the parent's stderr as well; it closes when neither of them is left.
    await expect(once(parent.stderr.resume(), 'close')).resolves.toBeDefined()
  })

  it('ends by itself, without a word, when its parent is gone before it has started', async () => {
    const child = fork(compiledPath('workers/process/entry'), { silent: true })
    child.disconnect()
    const said = text(child.stderr!)
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await said).toBe('')
  })
})

const parentScript = `
  const { startProcessWorker } = require(${JSON.stringify(compiledPath('workers/process/processWorker'))})
  const { systemClock } = require(${JSON.stringify(compiledPath('lib/clock'))})
  startProcessWorker('orphan', { stallAfterMs: 10000, clock: systemClock }).then((worker) => console.log(worker.pid))
`

function reasonOf(worker: Worker): Promise<string> {
  return new Promise((resolve) => worker.lost(resolve))
}
