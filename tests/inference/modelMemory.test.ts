import { appendFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { type ServedShard, startInference } from '../../cli/worker/startInference'
import { ModelMemory } from '../../inference/memory/modelMemory'
import { LoadError } from '../../lib/errors'
import { noMetrics } from '../../lib/metrics'
import { packageRoot } from '../../lib/packagePaths'
import type { Model } from '../../models/contracts/model'
import type { FoundVersion } from '../../models/repository/repository'
import { ModelRegistry, type VersionStatus } from '../../serving/repository/modelRegistry'
import { FakeClock, settle } from '../support/fakeClock'
import { writeSmallVersion, writeWorkerConfig } from '../support/tensorRepository'

/** Sessions of the small graph are estimated at 129 KiB, so that two fit. */
const settings = 'worker: { modelMemory: 300KiB, drain: 0ms }\nserver: { timeout: 30s }\n'

describe('a worker with more versions than fit in memory', () => {
  let worker: ServedShard
  const lines: string[] = []

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-memory-'))
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeSmallVersion(folder, name, '1')
    writeSmallVersion(folder, 'wrong', '1')
    writeSmallVersion(folder, 'wrong', '2', 99)
    writeLarge(folder)
    const path = writeWorkerConfig(folder, settings)
    writeFileSync(join(folder, 'rules.yaml'), 'objectives: {}\n')
    appendFileSync(path, 'rules: rules.yaml\n')
    worker = await startInference(loadConfig(path), 'main', { httpPort: 0, grpcPort: 0 }, (line) =>
      lines.push(line),
    )
    await worker.loaded
  })
  afterAll(() => worker?.close())

  /** Trees, which would take more than a megabyte. */
  function writeLarge(folder: string): void {
    const directory = join(folder, 'models/large/1')
    cpSync(join(packageRoot, 'examples/streaming/models/abuse-score/2'), directory, { recursive: true })
    const path = join(directory, 'model.yaml')
    const text = readFileSync(path, 'utf8').replace(/^name: .*$/m, 'name: large')
    const manifest = text.replace(/^version: .*$/m, 'version: "1"').replace(/^serves: .*$/m, 'serves: []')
    writeFileSync(path, manifest)
  }

  async function post(path: string, body: object = {}) {
    const response = await fetch(`${worker.url}/v2/${path}`, { method: 'POST', body: JSON.stringify(body) })
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by the test that asked for it
    return { status: response.status, json: (await response.json()) as any }
  }
  const ask = (model: string, x = 1) =>
    post(`models/${model}/infer`, { inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }] })

  async function ready(): Promise<string[]> {
    const { json } = await post('repository/index', { ready: true })
    return json.map(({ name, version }: { name: string; version: string }) => `${name}@${version}`)
  }
  async function reasonOf(name: string, version: string): Promise<string> {
    const { json } = await post('repository/index')
    const entry = json.find(
      (one: { name: string; version: string }) => one.name === name && one.version === version,
    )
    expect(entry.state).toBe(entry.reason === '' ? 'READY' : 'UNAVAILABLE')
    return entry.reason
  }
  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${worker.url}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
  }

  it('loads at the start what fits, and tells that others wait to be asked', async () => {
    expect(await ready()).toEqual(['a@1', 'b@1'])
    expect(await metric('presage_loaded_versions')).toBe(2)
    expect(await reasonOf('c', '1')).toBe('it is not loaded; it is once it is asked')
    expect(lines).toEqual([
      expect.stringMatching(
        /^large@1 is not ready: memory: must be at most the 300 KiB of worker\.modelMemory/,
      ),
    ])
    expect(await (await fetch(`${worker.url}/v2/models/c/ready`)).json()).toMatchObject({ ready: false })
  })

  it('loads a version once for all that ask it, in the place of the least recently used', async () => {
    await ask('a')
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('c')))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(await metric('presage_model_loads_total')).toBe(1)
    expect(await metric('presage_model_evictions_total')).toBe(1)
    expect(await ready()).toEqual(['a@1', 'c@1'])
  })

  it('answers every request while versions come and go all the time', async () => {
    const models = ['a', 'b', 'c', 'd', 'e']
    const asked = Array.from({ length: 300 }, (_, at) => models[(at * at + (at >> 3)) % models.length])
    const answers = await Promise.all(asked.map((model, at) => ask(model, at)))
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(answers.map(({ json }) => json.model_name)).toEqual(asked)
    expect((await ready()).length).toBe(2)
  })

  it('loads a version for its metadata', async () => {
    await ask('a')
    await ask('b')
    const response = await fetch(`${worker.url}/v2/models/d`)
    expect(await response.json()).toMatchObject({ name: 'd', inputs: [{ name: 'x' }] })
    expect(await ready()).toEqual(['b@1', 'd@1'])
  })

  it('says why a version cannot be loaded, and answers by an older one if none was named', async () => {
    expect(await ask('wrong')).toMatchObject({ status: 200, json: { model_version: '1' } })
    const reason = await reasonOf('wrong', '2')
    expect(reason).toMatch(/^golden cases: case 0: y: must be 99/)
    expect(await post('models/wrong/versions/2/infer', { inputs: [] })).toMatchObject({
      status: 503,
      json: { error: `wrong@2 is not ready: ${reason}` },
    })
    expect(lines).toContain(`wrong@2 is not ready: ${reason}`)
  })

  it('refuses a version that is larger than all of the memory', async () => {
    const error =
      'large@1 is not ready: memory: must be at most the 300 KiB of worker.modelMemory, got about 1.2 MiB'
    expect(await ask('large')).toMatchObject({ status: 503, json: { error } })
    expect(await post('repository/models/large/load')).toMatchObject({ status: 503, json: { error } })
  })

  it('does not load again by itself what was unloaded on request', async () => {
    for (const model of ['b', 'c']) {
      expect(await ask(model)).toMatchObject({ status: 200 })
      await post(`repository/models/${model}/unload`)
    }
    await ask('a')
    const reason = 'it is not loaded, since it was unloaded on request'
    expect([await reasonOf('b', '1'), await reasonOf('c', '1')]).toEqual([reason, reason])
    expect(await ask('b')).toMatchObject({ status: 503, json: { error: `b@1 is not ready: ${reason}` } })
    expect(lines).toContain('b@1 is unloaded on request')
    expect((await post('repository/models/b/load')).status).toBe(200)
    expect(await ask('b')).toMatchObject({ status: 200 })
  })
})

/** A memory in which two versions of a model have room. Those that leave it are in `left`. */
function memoryOfTwo(count: number, ensureLoaded = async () => {}) {
  const clock = new FakeClock()
  const versions = Array.from({ length: count }, (_, at) => {
    const graph = { sha256: `${at}`, bytes: 100 }
    const version = `${at}`
    return {
      state: 'found',
      name: 'a',
      version,
      key: `a@${at}`,
      graphPath: `${at}.onnx`,
      manifest: { graph },
    }
  }) as unknown as FoundVersion[]
  const registry = new ModelRegistry()
  const left: string[] = []
  const memory = new ModelMemory({
    registry,
    repository: { get: (key) => versions.find((version) => version.key === key) },
    library: () => ({
      ensureLoaded,
      async putOut(key) {
        left.push(key)
      },
    }),
    copies: () => 0,
    firstCopies: 1,
    budget: 2 ** 18 + 2 ** 16,
    clock,
    metrics: noMetrics,
    log: () => {},
  })
  const set = ({ key, name, version }: FoundVersion, state: VersionStatus['state']) =>
    registry.set({ key, name, version, shards: ['main'], state })
  return { versions, memory, registry, clock, left, set }
}

test('a version that is asked for while it loads, as it has just come, has no other leave for it', async () => {
  const { versions, memory, left, set } = memoryOfTwo(2)
  const [old, arrived] = versions
  expect(versions.map(memory.isDeferred)).toEqual([false, false])
  set(old, { is: 'ready', model: {} as Model })
  set(arrived, { is: 'loading' })
  await memory.load(arrived.key)
  expect(left).toEqual([])
})

test('requests have a version tried again that worked before, unless it was unloaded', async () => {
  const refuse = () => Promise.reject(new LoadError(['no such file']))
  const { versions, memory, registry, clock, set } = memoryOfTwo(1, refuse)
  const [version] = versions
  set(version, { is: 'ready', model: {} as Model })
  set(version, { is: 'unloaded', onDemand: true })
  await expect(memory.load(version.key)).rejects.toMatchObject({ code: 'MODEL_NOT_READY' })
  set(version, { is: 'refused', reason: 'no such file' })
  const isLoadable = () => memory.isLoadable(registry.get(version.key)!)
  expect(isLoadable()).toBe(false)
  clock.advance(10_000)
  expect(isLoadable()).toBe(true)
  await memory.leave(version.key)
  expect(isLoadable()).toBe(false)
})

test('a version is unused once every request has ended that used it, whatever has been put out meanwhile', async () => {
  const clock = new FakeClock()
  const registry = new ModelRegistry()
  const memory = new ModelMemory({
    ...{ registry, clock, metrics: noMetrics, log: () => {}, budget: 1, firstCopies: 1 },
    repository: { get: () => undefined },
    library: () => ({ ensureLoaded: async () => {}, putOut: async () => {} }),
    copies: () => 1,
  })
  const [one, other] = [memory.begin('a@1'), memory.begin('a@1')]
  let isUnused = false
  void memory.unused('a@1').then(() => {
    isUnused = true
  })
  memory.isDeferred({ key: 'b@1' } as FoundVersion)
  memory.end(one)
  await settle()
  expect(isUnused).toBe(false)
  memory.end(other)
  await settle()
  expect(isUnused).toBe(true)
  await memory.unused('a@1')
})

test('versions that come together are measured one after the other', async () => {
  const { versions, memory } = memoryOfTwo(3)
  const ends: (() => void)[] = []
  const read = jest.spyOn(promises, 'readFile').mockImplementation(
    () =>
      new Promise((resolve) => {
        ends.push(() => resolve(Buffer.alloc(0)))
      }),
  )
  for (const version of versions) memory.isDeferred(version)
  for (let one = 0; one < 3; one++) {
    await settle()
    expect(ends).toHaveLength(one + 1)
    ends[one]()
  }
  read.mockRestore()
})
