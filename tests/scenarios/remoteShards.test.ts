import { TcpProxy } from '../../bench/faults/tcpProxy'
import { postQuery, readCounter } from '../support/example'
import { freePort } from '../support/freePort'
import { type Load, load } from '../support/load'
import { placedFar, writeRemoteConfig } from '../support/remoteExample'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

const nextQuery = (n: number) => ({
  query: 'query ($m: ID!, $s: Int) { titles(first: 20, skip: $s) { id predictedRating(memberId: $m) } }',
  variables: { m: String(1 + (n % 671)), s: n % 500 },
})

/** What counts is that there is an answer, also on a machine that is busy with starting workers. */
const patient = { server: { timeout: 20_000 } }

/** The example with all models on this machine. */
let here: ServerProcess
beforeAll(async () => {
  here = await startProcess(writeConfig())
}, 120_000)
afterAll(() => here?.stop())

/** The example with its ratings on a shard of two workers elsewhere, and all else here. */
describe.each(['http', 'grpc'] as const)('a shard of two workers elsewhere, over %s', (protocol) => {
  const startOne = (port: number) => startWorkerProcess(config, { shard: 'far', [`${protocol}Port`]: port })

  let ports: number[]
  /** In front of the second worker. */
  let proxy: TcpProxy
  let config: string
  let workers: WorkerProcess[]
  let server: ServerProcess

  beforeAll(async () => {
    ports = [await freePort(), await freePort()]
    proxy = new TcpProxy(ports[1])
    await proxy.open()
    config = writeRemoteConfig([ports[0], proxy.port], placedFar('rating-predictor'), protocol, patient)
    workers = await Promise.all(ports.map(startOne))
    server = await startProcess(config)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await Promise.all((workers ?? []).map((worker) => worker.stop('SIGKILL')))
    proxy?.close()
  })

  it('serves only what the rules place on it', () => {
    expect(workers[0].stderr()).toMatch(/^4 of 4 model versions are ready$/m)
  })

  it('answers as a shard of this machine does', async () => {
    const query = nextQuery(7)
    const [far, near] = await Promise.all(
      [server, here].map(({ url }) => postQuery(url, query.query, query.variables)),
    )
    expect(far.errors).toBeUndefined()
    expect(far).toEqual(near)
    expect(await callsOn(server, 'far')).toBeGreaterThan(0)
  })

  it.each<[string, (worker: WorkerProcess) => unknown, RegExp | undefined]>([
    ['killed with -9', (worker) => worker.stop('SIGKILL'), /worker far-1 at \S+ gets no more rows: /],
    [
      'stopped in the usual way',
      (worker) => worker.stop('SIGTERM'),
      /gets only rows that no other server can take: it is not ready/,
    ],
    ['frozen', ({ pid }) => process.kill(pid, 'SIGSTOP'), /gets no more rows: /],
    ['twenty times slower', ({ pid }) => slowDown(pid), undefined],
  ])(
    '%s under load, one of them costs no request',
    async (_, trouble, line) => {
      const before = server.stderr().length
      const { answered, failures } = await underLoad(server, async () => {
        await trouble(workers[0])
        if (line) await until(() => line.test(server.stderr().slice(before)))
      })
      expect(failures).toEqual([])
      expect(answered).toBeGreaterThan(100)

      // Back at the same address, it gets rows again.
      await stopSlowing()
      await workers[0].stop('SIGKILL')
      const gone = server.stderr().length
      workers[0] = await startOne(ports[0])
      await until(() => /worker far-1 at \S+ serves again/.test(server.stderr().slice(gone)))
      const { failures: later } = await underLoad(server, () => {}, 30)
      expect(later).toEqual([])
    },
    120_000,
  )

  it.each<[string, () => unknown, () => unknown]>([
    ['cut in its answers', () => proxy.suffer({ cutAfter: 50 }), () => proxy.suffer({})],
    ['refusing connections', () => proxy.close(), () => proxy.open()],
  ])(
    '%s under load, one of them costs no request',
    async (_, trouble, end) => {
      const before = server.stderr().length
      const since = () => server.stderr().slice(before)
      const { failures } = await underLoad(server, async () => {
        trouble()
        await until(() => /worker far-2 at \S+ gets no more rows: /.test(since()))
      })
      expect(failures).toEqual([])
      await end()
      await until(() => /worker far-2 at \S+ serves again/.test(since()))
    },
    120_000,
  )

  it('one of which unloads a version is asked to load it again, which costs no request', async () => {
    const before = server.stderr().length
    const since = () => server.stderr().slice(before)
    const unserved = /worker far-2 at \S+ gets no more rows: it does not serve rating-predictor@4 any more/
    const { failures } = await underLoad(server, async () => {
      const path = '/v2/repository/models/rating-predictor@4/unload'
      expect((await fetch(`${workers[1].url}${path}`, { method: 'POST' })).status).toBe(200)
      await until(() => unserved.test(since()))
    })
    expect(failures).toEqual([])
    await until(() => /worker far-2 at \S+ serves again/.test(since()))
  }, 120_000)

  it('all of whose workers are gone refuses at once, and serves again when one is back', async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')))
    const { query, variables } = nextQuery(1)
    const ask = () => postQuery(server.url, query, variables)
    await until(async () =>
      /: no server of shard far can be reached$/.test((await ask()).errors?.[0].message ?? ''),
    )
    const began = performance.now()
    const { errors } = await ask()
    expect(performance.now() - began).toBeLessThan(patient.server.timeout / 2)
    expect(errors?.[0].extensions.code).toBe('WORKER_LOST')
    workers = [await startOne(ports[1])]
    await until(async () => (await ask()).errors === undefined)
  }, 120_000)

  let slowing: NodeJS.Timeout | undefined
  let slowed = 0

  /** Runs only one of twenty milliseconds. */
  function slowDown(pid: number): void {
    let tick = 0
    slowed = pid
    slowing = setInterval(() => process.kill(pid, tick++ % 20 === 0 ? 'SIGCONT' : 'SIGSTOP'), 1)
  }

  async function stopSlowing(): Promise<void> {
    clearInterval(slowing)
    if (slowing !== undefined) process.kill(slowed, 'SIGCONT')
    slowing = undefined
  }
})

it('workers that come after the server are taken', async () => {
  const ports = [await freePort()]
  const config = writeRemoteConfig(ports, placedFar('rating-predictor'))
  const server = await startProcess(config)
  const { query, variables } = nextQuery(1)
  const ask = () => postQuery(server.url, query, variables)
  expect((await ask()).errors?.[0]).toMatchObject({
    message: 'rating-predictor@4 is not ready: no server of it can be reached now',
    extensions: { code: 'MODEL_NOT_READY' },
  })
  expect(server.stderr()).toMatch(
    /^rating-predictor@4 is not ready: session: no server of shard far can serve it: far-1: .*ECONNREFUSED/m,
  )
  const worker = await startWorkerProcess(config, { shard: 'far', httpPort: ports[0] })
  await until(async () => (await ask()).errors === undefined)
  await server.stop()
  await worker.stop('SIGKILL')
})

it('a route leads to a shard only while it has a server, and to the fallback meanwhile', async () => {
  const ports = [await freePort()]
  const rules = (text: string) =>
    placedFar('rating-predictor@4')(text).replace(
      '{ default: rating-predictor@4 }',
      '{ default: rating-predictor@4, fallback: [rating-predictor@3] }',
    )
  const config = writeRemoteConfig(ports, rules)
  let worker = await startWorkerProcess(config, { shard: 'far', httpPort: ports[0] })
  const server = await startProcess(config)
  const route = async () => {
    const response = await fetch(server.url.replace('/graphql', '/v1/routes:resolve'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ objective: 'PREDICT_RATING' }),
    })
    const { routingKey, expiresInMs, fallback } = await response.json()
    return { routingKey, expiresInMs, fallback }
  }
  const far = { routingKey: 'rating-predictor@4@far', expiresInMs: 30_000, fallback: undefined }
  expect(await route()).toEqual(far)
  await worker.stop('SIGKILL')
  await until(async () => (await route()).routingKey !== far.routingKey)
  expect(await route()).toEqual({
    routingKey: 'rating-predictor@3@main',
    expiresInMs: 1_000,
    fallback: { of: 'rating-predictor@4', code: 'WORKER_LOST' },
  })
  worker = await startWorkerProcess(config, { shard: 'far', httpPort: ports[0] })
  await until(async () => (await route()).routingKey === far.routingKey)
  await server.stop()
  await worker.stop('SIGKILL')
})

async function callsOn({ url }: ServerProcess, shard: string): Promise<number> {
  return readCounter(url.replace('/graphql', '/metrics'), 'presage_inference_exec_count_total', { shard })
}

/** Loads the server while something happens to it, and for so many model calls before and after that. */
async function underLoad(server: ServerProcess, event: () => unknown, calls = 100): Promise<Load> {
  // Not more often: it takes the server more time to tell its metrics than to answer a query.
  const reached = async (goal: number) =>
    until(async () => (await callsOn(server, 'far')) >= goal, { everyMs: 50 })
  const done = (async () => {
    await reached((await callsOn(server, 'far')) + calls)
    await event()
    await reached((await callsOn(server, 'far')) + calls)
  })()
  const result = await load(server.url, 8, nextQuery, done)
  await done
  return result
}
