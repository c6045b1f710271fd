import { Emitter } from '../../../lib/events'
import { ConnectedServer } from '../../../workers/remote/connectedServer'
import { RemoteVersion } from '../../../workers/remote/remoteVersion'
import type { ServerConnection } from '../../../workers/remote/serverConnection'
import { WorkerLost } from '../../../workers/runtime/workerLost'
import { warmUpBatch } from '../pool/warmUpBatch'

/** A server that can load everything; `loading` is called before. */
function connection(loading: (key: string) => void): ServerConnection {
  return {
    id: 'far-1',
    kind: 'remote',
    lost: new Emitter<string>().event,
    stalled: new Emitter<never>().event,
    failed: new Emitter<never>().event,
    async load(key) {
      loading(key)
      return { inputs: [], outputs: [] }
    },
    infer: async (_, tensors) => ({ tensors, computeMs: 1, load: undefined }),
    readiness: async () => 'ready',
    dispose: async () => {},
  }
}

it('gives back a version that another server holds by the time its check is known', async () => {
  const [first, second] = ['a@1', 'b@1'].map((key) => new RemoteVersion(key, '', {}))
  const wanted = new Set(['a@1', 'b@1'])
  let asked = 0
  const isWanted = (key: string) => {
    if (++asked > 100) throw new Error('must end, got the same question for ever')
    return wanted.has(key)
  }
  const worker = connection((key) => {
    if (key !== 'b@1') return
    first.check = async () => {}
    wanted.delete('a@1')
  })
  const all = new Map([first, second].map((version) => [version.key, version]))
  const server = new ConnectedServer(worker, { all, isWanted }, new Map(), () => {})
  await server.prepareAll()
  expect(server.served).toEqual([])
  expect([first, second].map((version) => server.holds(version))).toEqual([false, true])

  // The other server is lost.
  wanted.add('a@1')
  expect(await server.prepareMore([first])).toEqual(['a@1'])
})

it('serves without a version while the server has no room for its warm-up, and is not lost for that', async () => {
  const version = new RemoteVersion('a@1', '', {})
  version.warmUp = [warmUpBatch(() => ({}))]
  version.check = async () => {}
  const worker = connection(() => {})
  const { infer } = worker
  worker.infer = () => Promise.reject(new WorkerLost('worker far-1 is overloaded', true, 'OVERLOADED'))
  const missing = new Map<string, string>()
  const all = new Map([['a@1', version]])
  const server = new ConnectedServer(worker, { all, isWanted: () => true }, missing, () => {})
  await server.prepareAll()
  expect(await server.prepareMore([version])).toEqual([])
  expect([...missing]).toEqual([['a@1', 'worker far-1 is overloaded']])
  worker.infer = infer
  expect(await server.prepareMore([version])).toEqual(['a@1'])
})

it('does not take a server without room for its golden cases for one that answers otherwise', async () => {
  const version = new RemoteVersion('a@1', '', {})
  version.check = (run) =>
    run({}).then(
      () => {},
      () => {
        throw new Error('case 0: y: must be 1, got nothing')
      },
    )
  const worker = connection(() => {})
  worker.infer = () => Promise.reject(new WorkerLost('worker far-1 is overloaded', true, 'OVERLOADED'))
  await expect(version.verify(worker)).rejects.toMatchObject({ outcome: 'OVERLOADED' })
})
