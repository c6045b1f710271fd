import { type Child, ChildWorker } from '../../../workers/runtime/childWorker'
import type { ChildReply, ChildRequest } from '../../../workers/runtime/messages'
import { FakeClock, settle } from '../../support/fakeClock'

const signature = { inputs: [], outputs: [] }

describe('a worker around a child that can be killed', () => {
  it('pings it while it has nothing to do, and kills it if no reply comes', async () => {
    const { clock, child, reasons } = await started({ killable: true })
    clock.advance(500)
    expect(child.kinds()).toEqual(['ping'])
    child.reply({ call: child.lastCall(), kind: 'pong', residentBytes: 0 })
    clock.advance(500)
    expect(child.kinds()).toEqual(['ping', 'ping'])
    clock.advance(2_000)
    await settle()
    expect(child.kills).toBe(1)
    expect(reasons).toEqual(['lost: no reply to ping within 2000 ms'])
  })

  it('does not ping it while it works', async () => {
    const { clock, child, worker } = await started({ killable: true })
    const loading = worker.load('a@1', 'a.onnx')
    clock.advance(1_900)
    expect(child.kinds()).toEqual(['load'])
    child.reply({ call: child.lastCall(), kind: 'loaded', signature })
    await loading
  })

  it('gives a load more time than a batch', async () => {
    const { clock, child, worker } = await started({ killable: true })
    const refused = expect(worker.load('a@1', 'a.onnx')).rejects.toMatchObject({ code: 'WORKER_LOST' })
    clock.advance(59_999)
    await settle()
    expect(child.kills).toBe(0)
    clock.advance(1)
    await settle()
    expect(child.kills).toBe(1)
    await refused
  })

  it('takes a reply that lay unread while this process had no time', async () => {
    const { clock, child, worker } = await started({ killable: true })
    const running = worker.infer('a@1', {})
    clock.advance(5_000)
    child.reply({ call: child.lastCall(), kind: 'inferred', tensors: {}, computeMs: 1 })
    await settle()
    await expect(running).resolves.toMatchObject({ computeMs: 1 })
    expect(child.kills).toBe(0)
  })

  it('gives it most of the limit once more after the whole machine stood still, and not for ever', async () => {
    const { clock, child, worker } = await started({ killable: true })
    const lost = expect(worker.infer('a@1', {})).rejects.toMatchObject({ code: 'WORKER_LOST' })
    clock.stall(3_000)
    clock.advance(1_499)
    await settle()
    expect(child.kills).toBe(0)
    clock.advance(1)
    await settle()
    expect(child.kills).toBe(1)
    await lost
  })

  it('kills it if it does not end when it is asked to', async () => {
    const { clock, child, worker, reasons } = await started({ killable: true })
    const over = worker.dispose()
    await settle()
    expect(child.kinds()).toEqual(['end'])
    clock.advance(2_000)
    await over
    expect(child.kills).toBe(1)
    expect(reasons).toEqual([])
  })
})

describe('a child that may take so much memory', () => {
  const memoryBytes = 2 ** 30
  const sentence = 'it took 1,536 MiB of memory and may take 1,024 MiB'

  async function watched() {
    const all = await started({ killable: true, memoryBytes })
    const excesses: unknown[] = []
    all.worker.exceeded((excess) => excesses.push(excess))
    return { ...all, excesses }
  }

  it('is killed while it runs what takes too much, and its version is named', async () => {
    const { clock, child, worker, reasons, excesses } = await watched()
    const refused = expect(worker.infer('b@1', {})).rejects.toMatchObject({
      code: 'WORKER_LOST',
      rowsSuspected: true,
    })
    child.resident = memoryBytes
    clock.advance(1_000)
    expect(child.kills).toBe(0)
    child.resident = 1.5 * memoryBytes
    clock.advance(100)
    expect(child.kills).toBe(1)
    await refused
    expect(excesses).toEqual([{ key: 'b@1', sentence }])
    expect(reasons).toEqual([`lost: ${sentence}`])
  })

  it('is killed for the version that it runs, not for one that waits to be loaded', async () => {
    const { clock, child, worker, excesses } = await watched()
    const lost = [worker.infer('b@1', {}), worker.load('new@1', 'new.onnx')].map((one) => one.catch(() => {}))
    child.resident = 1.5 * memoryBytes
    clock.advance(100)
    await Promise.all(lost)
    expect(excesses).toEqual([{ key: 'b@1', sentence }])
  })

  it('is not looked at while there is nothing to do', async () => {
    const { clock, child, worker } = await watched()
    const running = worker.infer('b@1', {})
    child.reply({ call: child.lastCall(), kind: 'inferred', tensors: {}, computeMs: 1 })
    await running
    clock.advance(100)
    const { looks } = child
    clock.advance(300)
    expect(child.looks).toBe(looks)
  })

  it('says itself, when it is pinged, that it has kept too much', async () => {
    const { clock, child, worker, excesses } = await watched()
    const running = worker.infer('b@1', {})
    child.reply({ call: child.lastCall(), kind: 'inferred', tensors: {}, computeMs: 1 })
    await running
    clock.advance(500)
    expect(child.kinds().at(-1)).toBe('ping')
    child.reply({ call: child.lastCall(), kind: 'pong', residentBytes: 1.5 * memoryBytes })
    expect(child.kills).toBe(1)
    expect(excesses).toEqual([{ key: 'b@1', sentence }])
  })
})

describe('a worker around a child that cannot be killed', () => {
  it('reports it as stalled, once, and still takes its late answer', async () => {
    const { clock, child, worker, reasons } = await started({ killable: false })
    const running = worker.infer('a@1', {})
    clock.advance(2_000)
    await settle()
    expect(reasons).toEqual(['stalled: no reply to infer within 2000 ms'])
    child.reply({ call: child.lastCall(), kind: 'inferred', tensors: {}, computeMs: 2_500 })
    await expect(running).resolves.toMatchObject({ computeMs: 2_500 })
  })

  it('reports it with the version that it runs, not with one that waits to be loaded', async () => {
    const { clock, child, worker } = await started({ killable: false })
    const keys: string[] = []
    worker.stalled(({ key }) => keys.push(key))
    const running = worker.infer('a@1', {})
    const loading = worker.load('new@1', 'new.onnx')
    clock.advance(2_000)
    await settle()
    expect(keys).toEqual(['a@1'])
    child.reply({ call: 1, kind: 'inferred', tensors: {}, computeMs: 2_500 })
    child.reply({ call: 2, kind: 'loaded', signature })
    await Promise.all([running, loading])
  })

  it('never asks it to end while it works', async () => {
    const { child, worker } = await started({ killable: false })
    const running = worker.infer('a@1', {})
    const over = worker.dispose()
    await settle()
    expect(child.kinds()).toEqual(['infer'])
    child.reply({ call: child.lastCall(), kind: 'inferred', tensors: {}, computeMs: 1 })
    await running
    await settle()
    expect(child.kinds()).toEqual(['infer', 'end'])
    child.end('it ended itself with code 0')
    await over
  })

  it('does not ping it', async () => {
    const { clock } = await started({ killable: false })
    expect(clock.pending).toBe(0)
  })
})

/** A child whose replies and end are in the test's hand. */
class FakeChild implements Child {
  readonly kind = 'process'
  readonly requests: ChildRequest[] = []
  kills = 0
  resident = 0
  /** How often its memory was looked at. */
  looks = 0
  reply!: (reply: ChildReply) => void
  end!: (reason: string) => void
  kill?: () => void
  residentBytes = () => {
    this.looks++
    return this.resident
  }

  constructor(killable: boolean) {
    if (killable) {
      this.kill = () => {
        this.kills++
        this.end('it was ended by SIGKILL')
      }
    }
  }

  send(request: ChildRequest): void {
    this.requests.push(request)
  }

  listen(reply: (reply: ChildReply) => void, ended: (reason: string) => void): void {
    this.reply = reply
    this.end = ended
  }

  kinds(): string[] {
    return this.requests.map((request) => request.kind)
  }

  lastCall(): number {
    const request = this.requests.at(-1)
    return request && 'call' in request ? request.call : -1
  }
}

async function started({ killable, memoryBytes }: { killable: boolean; memoryBytes?: number }) {
  const clock = new FakeClock()
  const child = new FakeChild(killable)
  const starting = ChildWorker.start('test', child, { stallAfterMs: 2_000, clock, memoryBytes })
  child.reply({ kind: 'ready' })
  const worker = await starting
  const reasons: string[] = []
  worker.lost((reason) => reasons.push(`lost: ${reason}`))
  worker.stalled(({ sentence }) => reasons.push(`stalled: ${sentence}`))
  return { clock, child, worker, reasons }
}
