import { PresageError } from '../../../lib/errors'
import { Emitter } from '../../../lib/events'
import type { Tensors } from '../../../models/types/tensor'
import { NoServer } from '../../../workers/remote/noServer'
import type { ServerConnection } from '../../../workers/remote/serverConnection'
import { WorkerLost } from '../../../workers/runtime/workerLost'
import { createShard } from '../../../workers/shard'
import { FakeClock, settle } from '../../support/fakeClock'
import { numberModel } from '../../support/numberModel'
import { SetMembers } from '../../support/setMembers'

const key = 'number@1'

/** A server that can load everything; `loading` is called before. */
function connection(id: string, loading: () => void): ServerConnection {
  return {
    id,
    kind: 'remote',
    lost: new Emitter<string>().event,
    stalled: new Emitter<never>().event,
    failed: new Emitter<never>().event,
    async load() {
      loading()
      return { inputs: [], outputs: [] }
    },
    infer: async (_, { x }) => ({ tensors: { y: x }, computeMs: 1, load: undefined }),
    readiness: async () => 'ready',
    dispose: async () => {},
  }
}

it('a server that could not load a version is asked again, ever less often, and gets rows once it can', async () => {
  const clock = new FakeClock()
  const lines: string[] = []
  const loads: string[] = []
  let isMended = false
  const load = (address: string) => {
    loads.push(address)
    if (address === 'b:1' && !isMended) throw new Error('no such version')
  }
  const shard = await createShard({
    name: 'far',
    kind: 'thread',
    workers: 1,
    remote: {
      endpoints: ['a:1', 'b:1'],
      connect: async (id, address) => connection(id, () => load(address)),
    },
    clock,
    log: (line) => lines.push(line),
  })
  await shard.load(key, '')
  shard.serve(numberModel(key))
  await shard.remote!.verify(numberModel(key), async () => {})
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000)
      await settle()
    }
  }
  const tries = () => loads.filter((address) => address === 'b:1').length
  await pass(12)
  expect(tries()).toBe(2)
  await pass(12)
  expect(tries()).toBe(2)
  await pass(8)
  expect(tries()).toBe(3)
  isMended = true
  await pass(40)
  expect(shard.status().workers.map(({ versions }) => versions)).toEqual([[key], [key]])
  expect(lines).toEqual([
    `shard far: worker far-2 serves without ${key}: no such version`,
    `shard far: worker far-2 at b:1 serves ${key} too`,
  ])
  await shard.dispose()
})

describe('a version that the only server does not take', () => {
  async function refusedFor(error: Error) {
    const clock = new FakeClock()
    const refuse = () => {
      throw error
    }
    const shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: { endpoints: ['a:1'], connect: async (id) => connection(id, refuse) },
      clock,
    })
    const tried: number[] = []
    const began = clock.now()
    const load = async () => {
      await expect(shard.load(key, '')).rejects.toBe(error)
      await shard.unload(key)
    }
    await load()
    await load()
    shard.remote!.joined(() => {
      tried.push((clock.now() - began) / 1_000)
      void load()
    })
    for (let second = 0; second < 40; second++) {
      clock.advance(1_000)
      await settle()
    }
    await shard.dispose()
    return tried
  }

  it('for want of room may be tried again, ever less often', async () => {
    const error = new WorkerLost('worker far-1 is overloaded', true, 'OVERLOADED')
    expect(await refusedFor(error)).toEqual([10, 30])
  })

  it('for another reason is not', async () => {
    expect(await refusedFor(new Error('no such version'))).toEqual([])
  })
})

test('a server that goes is let go once the only version that needs it is unloaded', async () => {
  const members = new SetMembers()
  members.set(['a:1'])
  const ended: string[] = []
  const shard = await createShard({
    name: 'far',
    kind: 'thread',
    workers: 1,
    remote: {
      endpoints: members,
      connect: async (id, address) => ({
        ...connection(id, () => {
          if (address === 'b:1') throw new Error('no such version')
        }),
        dispose: async () => {
          ended.push(address)
        },
      }),
    },
    clock: new FakeClock(),
  })
  await shard.load(key, '')
  shard.serve(numberModel(key))
  await shard.remote!.verify(numberModel(key), async () => {})
  members.set(['b:1'])
  await settle()
  expect(ended).toEqual([])
  await shard.unload(key)
  await settle()
  expect(ended).toEqual(['a:1'])
  await shard.dispose()
})

test('a version whose only server goes before it has passed the check is tried again', async () => {
  const clock = new FakeClock()
  const members = new SetMembers()
  members.set(['a:1', 'b:1'])
  const loads: string[] = []
  const connect = async (id: string, address: string) => connection(id, () => loads.push(address))
  const shard = await createShard({
    name: 'far',
    kind: 'thread',
    workers: 1,
    remote: { endpoints: members, copies: 1, connect },
    clock,
  })
  const joined = jest.fn()
  await shard.load(key, '')
  shard.serve(numberModel(key))
  members.set(['a:1', 'b:1'].filter((address) => address !== loads[0]))
  shard.remote!.joined(joined)
  await expect(shard.remote!.verify(numberModel(key), async () => {})).rejects.toThrow(NoServer)
  clock.advance(10_000)
  expect(joined).toHaveBeenCalledTimes(1)
  await shard.dispose()
})

test('rows that every server refuses to be warmed up with leave it a second try, with other ones', async () => {
  const clock = new FakeClock()
  const shard = await createShard({
    name: 'far',
    kind: 'thread',
    workers: 1,
    remote: {
      endpoints: ['a:1', 'b:1'],
      connect: async (id) => ({
        ...connection(id, () => {}),
        async infer(_, { x }) {
          if (x.data[0] === 0) throw new PresageError('INFERENCE_FAILED', 'Unknown Category')
          return { tensors: { y: x }, computeMs: 1, load: undefined }
        },
      }),
    },
    clock,
  })
  await shard.load(key, '')
  const rowOf = (value: number) => ({
    rows: 1,
    make: (): Tensors => ({ x: { type: 'float32', dims: [1, 1], data: Float32Array.of(value) } }),
    check: () => {},
  })
  await expect(shard.warm(key, [rowOf(0)])).rejects.toThrow('Unknown Category')
  await shard.warm(key, [rowOf(1)])
  shard.serve(numberModel(key))
  await shard.remote!.verify(numberModel(key), async () => {})
  expect(shard.status().workers.map(({ versions }) => versions)).toEqual([[key], [key]])
  await shard.dispose()
})
