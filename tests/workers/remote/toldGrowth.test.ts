import { Emitter } from '../../../lib/events'
import { defer } from '../../../lib/scheduling/deferred'
import type { ServerConnection } from '../../../workers/remote/serverConnection'
import { createShard, type Shard } from '../../../workers/shard'
import { FakeClock, settle } from '../../support/fakeClock'
import { numberModel } from '../../support/numberModel'

const key = 'number@1'

describe('a version on the first of three Presage workers', () => {
  let clock: FakeClock
  let shard: Shard
  let lines: string[]
  let reports: number
  /** The workers in the order in which they held the version, and what each tells from now on. */
  let holders: string[]
  let told: Map<string, string>
  /** Whether the next one that is asked to hold it too refuses. */
  let isRefused: boolean
  /** Whether it takes it until its connection ends. */
  let isSlow: boolean

  beforeEach(async () => {
    clock = new FakeClock()
    lines = []
    reports = 0
    holders = []
    told = new Map()
    isRefused = false
    isSlow = false
    const endpoints = ['a:1', 'b:1', 'c:1']
    shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: { endpoints, copies: 1, connect: async (id, address) => connection(id, address) },
      clock,
      log: (line) => lines.push(line),
    })
    await shard.load(key, '')
    shard.serve(numberModel(key))
    await shard.remote!.verify(numberModel(key), async () => {})
    expect(holders).toHaveLength(1)
  })
  afterEach(() => shard.dispose())

  function connection(id: string, address: string): ServerConnection {
    const ended = defer<void>()
    return {
      id,
      kind: 'remote',
      lost: new Emitter<string>().event,
      stalled: new Emitter<never>().event,
      failed: new Emitter<never>().event,
      async load() {
        if (isRefused && holders.length > 0) {
          isRefused = false
          throw new Error('there is no room')
        }
        if (isSlow) {
          await ended.promise
          throw new Error('its connection ended')
        }
        holders.push(address)
        return { inputs: [], outputs: [] }
      },
      infer: async (_, { x }) => ({ tensors: { y: x }, computeMs: 1, load: told.get(address) }),
      readiness: async () => 'ready',
      dispose: async () => ended.resolve(),
    }
  }

  /** Each worker tells each second that this version took this part of it, and how long its requests waited. */
  async function pass(
    seconds: number,
    busiest: string,
    part: number,
    waits: Record<number, number>,
  ): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const [at, address] of holders.entries()) {
        const wait = waits[at] ?? 0
        const load = `named_metrics.busiest.${busiest}=${part},named_metrics.busiest_wait_seconds=${wait}`
        told.set(address, `TEXT eps=${++reports},${load}`)
      }
      for (let request = 0; request < 6; request++) {
        const answer = shard.submit(key, [[1]], 1, { deadline: clock.now() + 500 })
        await settle()
        expect((await answer)[0].error).toBeUndefined()
      }
      clock.advance(1_000)
      await settle()
    }
  }

  it('gets a copy when its requests wait there', async () => {
    await pass(1, key, 1, { 0: 0.09 })
    expect(holders).toHaveLength(1)
    await pass(1, key, 1, { 0: 0.1 })
    expect(holders).toHaveLength(2)
  })

  it('gets none when another one keeps the worker busy', async () => {
    await pass(10, 'other@1', 1, { 0: 2 })
    expect(holders).toHaveLength(1)
  })

  it('gets a third when both are behind, and not when one is', async () => {
    await pass(10, key, 1, { 0: 0.2 })
    expect(holders).toHaveLength(2)
    await pass(10, key, 1, { 0: 0.2, 1: 0.2 })
    expect(holders).toHaveLength(3)
  })

  it('gets no third before workers can tell what the second has changed', async () => {
    await pass(2, key, 1, { 0: 0.2, 1: 0.2 })
    expect(holders).toHaveLength(2)
    await pass(3, key, 1, { 0: 0.2, 1: 0.2 })
    expect(holders).toHaveLength(3)
  })

  it('gives up the copy that the next one holds, since the first that was asked refused', async () => {
    isRefused = true
    await pass(1, key, 1, { 0: 0.2 })
    expect(holders).toHaveLength(2)
    await pass(620, key, 0.1, {})
    expect(lines.filter((line) => line.includes(`need not hold ${key} any more`))).toHaveLength(1)
  })

  it('does not keep its shard from ending while a server is slow to take a copy', async () => {
    isSlow = true
    await pass(1, key, 1, { 0: 0.2 })
    await shard.dispose()
    expect(shard.status().workers.map(({ state }) => state)).toEqual(['ended', 'ended', 'ended'])
    expect(lines).toEqual([])
  })

  it('keeps its copy as long as one worker could not do the work of both', async () => {
    await pass(1, key, 1, { 0: 0.2 })
    await pass(700, key, 0.4, {})
    expect(lines.filter((line) => line.includes('need not hold'))).toEqual([])
    await pass(620, key, 0.3, {})
    expect(lines.filter((line) => line.includes(`need not hold ${key} any more`))).toHaveLength(1)
  })
})
