import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { type ServedShard, startInference } from '../../cli/worker/startInference'
import { systemClock } from '../../lib/clock'
import { packageRoot } from '../../lib/packagePaths'
import { loadGrpc } from '../../workers/protocol/grpc'
import { writeSmallVersion, writeWorkerConfig } from '../support/tensorRepository'
import { until } from '../support/until'

let worker: ServedShard
afterEach(() => worker.close())

async function start(folder: string, modelMemory: string): Promise<void> {
  const config = writeWorkerConfig(folder, `worker: { modelMemory: ${modelMemory}, drain: 0ms }\n`)
  worker = await startInference(loadConfig(config), 'main', { httpPort: 0, grpcPort: 0 }, () => {})
  await worker.loaded
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'presage-changing-'))

interface Entry {
  readonly name: string
  readonly state: string
  readonly reason: string
  readonly verified?: object
}

async function post(path: string, body: object = {}) {
  const response = await fetch(`${worker.url}/v2/${path}`, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, json: await response.json() }
}
const ask = (model: string) =>
  post(`models/${model}/infer`, { inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }] })
const index = async () => (await post('repository/index')).json as readonly Entry[]
const entryOf = async (name: string) => (await index()).find((entry) => entry.name === name)
const ready = async () => (await index()).filter(({ state }) => state === 'READY').map(({ name }) => name)

/** Trees, estimated at 1.2 MiB. */
function writeTrees(folder: string): void {
  const directory = join(folder, 'models/trees/1')
  cpSync(join(packageRoot, 'examples/streaming/models/abuse-score/2'), directory, { recursive: true })
  const path = join(directory, 'model.yaml')
  const text = readFileSync(path, 'utf8').replace(/^name: .*$/m, 'name: trees')
  writeFileSync(path, text.replace(/^version: .*$/m, 'version: "1"').replace(/^serves: .*$/m, 'serves: []'))
}

it('a version that is removed leaves its room in memory to others', async () => {
  const folder = newFolder()
  for (const name of ['a', 'b', 'c']) writeSmallVersion(folder, name, '1')
  await start(folder, '300KiB')
  expect(await ready()).toEqual(['a', 'b'])
  rmSync(join(folder, 'models/a'), { recursive: true })
  await until(async () => (await entryOf('a')) === undefined)
  expect((await ask('c')).status).toBe(200)
  expect(await ready()).toEqual(['b', 'c'])
})

it('a version of trees that comes counts with what trees take', async () => {
  const folder = newFolder()
  writeSmallVersion(folder, 'a', '1')
  await start(folder, '1MiB')
  writeTrees(folder)
  await until(() => worker.registry.get('trees@1') !== undefined)
  expect((await entryOf('trees'))?.reason).toBe('it is not loaded; it is once it is asked')
  expect((await ask('trees')).json.error).toMatch(
    /^trees@1 is not ready: memory: must be at most the 1\.0 MiB/,
  )
})

it('a version that was put right is not called verified before it is', async () => {
  const folder = newFolder()
  for (const name of ['a', 'b']) writeSmallVersion(folder, name, '1')
  writeSmallVersion(folder, 'wrong', '1', 99)
  await start(folder, '300KiB')
  expect((await ask('wrong')).status).toBe(503)
  for (const name of ['a', 'b']) expect((await ask(name)).status).toBe(200)
  writeSmallVersion(folder, 'wrong', '1', 1)
  await until(async () => (await entryOf('wrong'))?.reason === 'it is not loaded; it is once it is asked')
  expect((await entryOf('wrong'))?.verified).toBeUndefined()
})

it('who watches the health of a model over gRPC is told when it is unloaded, and loaded again', async () => {
  const folder = newFolder()
  writeSmallVersion(folder, 'a', '1')
  await start(folder, '300KiB')
  const grpc = loadGrpc()
  const Client = grpc.library.makeGenericClientConstructor(grpc.health, 'health')
  const client = new Client(worker.grpcAddress, grpc.library.credentials.createInsecure())
  const told: string[] = []
  const watch = client['Watch']({ service: 'a@1' })
  watch.on('data', ({ status }: { status: string }) => told.push(status)).on('error', () => {})
  await until(() => told.length === 1)
  await post('repository/models/a/unload')
  await post('repository/models/a/load')
  await until(() => told.length === 3)
  expect(told).toEqual(['SERVING', 'NOT_SERVING', 'SERVING'])
  watch.cancel()
  client.close()
})

it('a version is unloaded, and loaded again, as soon as no request uses it', async () => {
  const folder = newFolder()
  writeSmallVersion(folder, 'a', '1')
  await start(folder, '300KiB')
  const after = jest.spyOn(systemClock, 'after')
  expect((await post('repository/models/a/unload')).status).toBe(200)
  expect((await post('repository/models/a/load')).status).toBe(200)
  // What a process gives requests that it has sent elsewhere.
  expect(after.mock.calls.map(([ms]) => ms)).not.toContain(2_000)
  expect((await ask('a')).status).toBe(200)
})

it('a version that is unloaded while it loads stays unloaded', async () => {
  const folder = newFolder()
  for (const name of ['a', 'b', 'c']) writeSmallVersion(folder, name, '1')
  await start(folder, '300KiB')
  const loaded = post('repository/models/c/load')
  await until(() => worker.registry.get('c@1')?.state.is === 'loading', { everyMs: 1 })
  expect((await post('repository/models/c/unload')).status).toBe(200)
  await loaded
  expect(await entryOf('c')).toMatchObject({ reason: expect.stringContaining('it was unloaded on request') })
  expect((await ask('c')).status).toBe(503)
})
