import { Emitter } from '../../../lib/events'
import type { CancelReason } from '../../../workers/batching/batch'
import { Endpoint } from '../../../workers/remote/endpoint'
import { RemoteVersion } from '../../../workers/remote/remoteVersion'
import type { Readiness, RemoteInference, ServerConnection } from '../../../workers/remote/serverConnection'
import { WorkerLost } from '../../../workers/runtime/workerLost'
import { FakeClock, settle } from '../../support/fakeClock'

/** A server that answers no batch, and says of itself what the test says. */
class StillServer implements ServerConnection {
  readonly kind = 'remote'
  readonly id = 'far-1'
  readonly lost = new Emitter<string>().event
  readonly stalled = new Emitter<never>().event
  readonly failed = new Emitter<never>().event
  readonly says: Readiness[] = []

  load = () => Promise.reject(new Error('it loads nothing'))
  readiness = async () => this.says.shift() ?? 'silent'
  async dispose(): Promise<void> {}

  infer(_key: string, _tensors: object, _deadline?: number, _trace?: unknown, signal?: AbortSignal) {
    return new Promise<RemoteInference>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new WorkerLost('cancelled', false)))
    })
  }
}

function endpointOf(
  server: ServerConnection,
  clock: FakeClock,
  versions: ReadonlyMap<string, RemoteVersion> = new Map(),
): Endpoint {
  return new Endpoint({
    id: 'far-1',
    address: '10.0.0.5:8000',
    calls: 8,
    clock,
    start: async () => server,
    versions,
    isWanted: () => true,
    changed() {},
    joined() {},
    left() {},
    hasOthers: () => true,
    told() {},
    freed() {},
    log() {},
  })
}

it('is avoided after a batch that it did not answer in time, until it answers something', async () => {
  const clock = new FakeClock()
  const server = new StillServer()
  const endpoint = endpointOf(server, clock)
  await endpoint.tried
  const call = new AbortController()
  const run = endpoint.infer('risk@1', {}, 1, 1, 10_000, { trace: undefined, client: undefined }, call.signal)
  server.says.push('silent')
  clock.advance(600)
  // Another server has answered it.
  call.abort('outrun' satisfies CancelReason)
  await expect(run).rejects.toThrow('cancelled')
  expect(endpoint.calls).toBe(0)
  expect(endpoint.isToAvoid(clock.now())).toBe(true)

  clock.advance(400)
  await settle()
  expect(endpoint.isToAvoid(clock.now())).toBe(true)
  server.says.push('ready')
  clock.advance(1_000)
  await settle()
  expect(endpoint.isToAvoid(clock.now())).toBe(false)
  await endpoint.dispose()
})

it('doubts its batches when its server answers no question any more', async () => {
  const clock = new FakeClock()
  const server = new StillServer()
  const endpoint = endpointOf(server, clock)
  await endpoint.tried
  const call = new AbortController()
  const doubted = jest.fn()
  const origin = { trace: undefined, client: undefined }
  const run = endpoint.infer('risk@1', {}, 1, 1, 10_000, origin, call.signal, doubted)
  server.says.push('silent', 'ready', 'silent')
  for (const times of [0, 0, 0, 1]) {
    clock.advance(1_000)
    await settle()
    expect(doubted).toHaveBeenCalledTimes(times)
  }
  // It may still answer.
  expect(endpoint.calls).toBe(1)
  call.abort()
  await expect(run).rejects.toThrow('cancelled')
  await endpoint.dispose()
})

it('ends at once while its server is loading a version, which may take long', async () => {
  const server = new StillServer()
  server.load = () => new Promise(() => {})
  const loading = jest.spyOn(server, 'load')
  const version = new RemoteVersion('risk@1', '', {})
  const endpoint = endpointOf(server, new FakeClock(), new Map([[version.key, version]]))
  await settle()
  expect(loading).toHaveBeenCalledTimes(1)
  await endpoint.dispose()
  expect(endpoint.status().state).toBe('ended')
})

it('leaves when it is not ready any more, also while it is trying to load a version that it refused', async () => {
  const clock = new FakeClock()
  const server = new StillServer()
  const version = new RemoteVersion('risk@1', '', {})
  version.check = async () => {}
  const endpoint = endpointOf(server, clock, new Map([[version.key, version]]))
  await endpoint.tried
  expect(endpoint.refuses(version.key)).toBe(true)
  server.load = () => new Promise(() => {})
  const loading = jest.spyOn(server, 'load')
  while (loading.mock.calls.length === 0) {
    server.says.push('ready')
    clock.advance(1_000)
    await settle()
  }
  server.says.push('not ready')
  clock.advance(1_000)
  await settle()
  expect(endpoint.isUp).toBe(false)
  await endpoint.dispose()
})
