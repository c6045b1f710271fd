import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync } from 'node:fs'
import type { ClientRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { type ServedShard, startInference } from '../../../cli/worker/startInference'
import { type FoundVersion, loadRepository } from '../../../models/repository/repository'
import { loadVersion } from '../../../serving/repository/loadVersion'
import { createShard, type Shard } from '../../../workers/shard'
import { untilJoined } from '../../support/dialling'
import { FakeClock } from '../../support/fakeClock'
import { writeSmallVersion, writeWorkerConfig } from '../../support/tensorRepository'

const names = Array.from({ length: 20 }, (_, at) => `m${at}`)

/** A repository of 20 versions with this answer in their golden cases; the graph's is 0. */
function writeVersions(golden: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-trusted-'))
  for (const name of names) writeSmallVersion(folder, name, '1', golden)
  return folder
}

/** How often an HTTP client of this process has asked for what, by method and path, with `*` for a model's name. */
function countRequests(): { readonly counts: Record<string, number>; readonly stop: () => void } {
  const counts: Record<string, number> = {}
  const count = (message: unknown) => {
    const { method, path } = (message as { request: ClientRequest }).request
    const what = `${method} ${path.replace(/m\d+(%401)?/, '*')}`
    counts[what] = (counts[what] ?? 0) + 1
  }
  subscribe('http.client.request.start', count)
  return { counts, stop: () => unsubscribe('http.client.request.start', count) }
}

describe('a Presage worker with 20 versions', () => {
  const folder = writeVersions(0)
  // The gateway's: every second it asks whether the worker is ready, and reads its index anew.
  const clock = new FakeClock()
  let worker: ServedShard
  let shard: Shard
  let requests: ReturnType<typeof countRequests>

  async function startWorker(memory: string): Promise<void> {
    const config = writeWorkerConfig(folder, `worker: { modelMemory: ${memory}, drain: 0ms }\n`)
    worker = await startInference(loadConfig(config), 'main', { httpPort: 0, grpcPort: 0 }, () => {})
    await worker.loaded
  }

  /** As a gateway does it at its start. */
  async function startGateway(protocol: 'http' | 'grpc', repository: string): Promise<void> {
    const address = protocol === 'http' ? worker.url.replace('http://', '') : worker.grpcAddress
    shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: { endpoints: [address], protocol },
      clock,
    })
    await untilJoined(shard, clock)
    const versions = loadRepository([repository]).versions as readonly FoundVersion[]
    expect(versions).toHaveLength(names.length)
    requests = countRequests()
    await Promise.all(versions.map((version) => loadVersion(version, [shard], new Map(), clock)))
    requests.stop()
  }

  async function answerOf(key: string): Promise<number> {
    const deadline = clock.now() + 20_000
    const [segment] = await shard.submit(key, [[1]], 1, { deadline })
    if (segment.error) throw segment.error
    return Number(segment.tensors.y.data[0])
  }

  async function post(path: string, body: object = {}) {
    const response = await fetch(`${worker.url}/v2/${path}`, { method: 'POST', body: JSON.stringify(body) })
    expect(response.status).toBe(200)
    return response.json()
  }
  const loaded = async () => (await post('repository/index', { ready: true })).length as number
  async function runs(): Promise<number> {
    const { model_stats } = await (await fetch(`${worker.url}/v2/models/stats`)).json()
    return model_stats.reduce((sum: number, one: { execution_count: number }) => sum + one.execution_count, 0)
  }

  afterEach(async () => {
    await shard.dispose()
    await worker.close()
  })

  it.each(['http', 'grpc'] as const)('is only asked what it has, over %s, and answers', async (protocol) => {
    await startWorker('64MiB')
    await startGateway(protocol, folder)
    if (protocol === 'http') expect(requests.counts).toEqual({ 'POST /v2/repository/index': 1 })
    expect(await runs()).toBe(0)
    expect(await answerOf('m7@1')).toBe(0)
  })

  it('has versions of other files checked, one by one', async () => {
    await startWorker('64MiB')
    await startGateway('http', writeVersions(1e-7))
    expect(requests.counts).toEqual({
      'POST /v2/repository/index': 1,
      'GET /v2/models/*/versions/1/ready': 20,
      'GET /v2/models/*/versions/1': 20,
      'POST /v2/models/*/versions/1/infer': 40,
    })
    expect(await answerOf('m7@1')).toBe(0)
  })

  it('need not load again what it has put out of memory; what it never had, it is asked to load', async () => {
    await startWorker('300KiB')
    expect(await loaded()).toBe(2)
    for (const name of names.slice(0, 10)) await post(`repository/models/${name}/load`)
    await startGateway('http', folder)
    expect(requests.counts).toMatchObject({
      'POST /v2/repository/models/*/load': 10,
      'POST /v2/models/*/versions/1/infer': 20,
    })
    await shard.dispose()
    await startGateway('http', folder)
    expect(requests.counts).toEqual({ 'POST /v2/repository/index': 1 })
    expect(await loaded()).toBe(2)
    expect(await answerOf('m0@1')).toBe(0)
    expect(await answerOf('m19@1')).toBe(0)
  })
})
