import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Emitter } from '../../../lib/events'
import { noMetrics } from '../../../lib/metrics'
import { packageRoot } from '../../../lib/packagePaths'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { RepositoryReader } from '../../../models/apart/repositoryReader'
import { LiveRepository } from '../../../models/live/liveRepository'
import { loadRepository } from '../../../models/repository/repository'
import { scanRepository } from '../../../models/repository/scanRepository'
import type { GraphSignature, Tensors } from '../../../models/types/tensor'
import { ModelLibrary, type ModelLibraryOptions } from '../../../serving/repository/modelLibrary'
import { ModelRegistry } from '../../../serving/repository/modelRegistry'
import { createPredictionRuntime } from '../../../serving/requests/predictionRuntime'
import { tryModel } from '../../../serving/requests/tryModel'
import type { RuleBook } from '../../../serving/rules/ruleBook'
import type { VersionFault, Worker } from '../../../workers/runtime/worker'
import { createShard, type Shard } from '../../../workers/shard'
import { FakeClock, settle } from '../../support/fakeClock'
import { until } from '../../support/until'

const original = join(packageRoot, 'examples/streaming/models/payment-risk/1')
const contract = readFileSync(join(packageRoot, 'examples/streaming/objectives/PAYMENT_RISK.yaml'), 'utf8')
const signature: GraphSignature = {
  inputs: [{ name: 'features', type: 'float32', shape: ['batch', 26] }],
  outputs: [{ name: 'probability', type: 'float32', shape: ['batch'] }],
}
const lingerMs = 2_000
const renewAfterMs = 1_000

const opened: { root: string; shards: readonly Shard[] }[] = []

afterEach(async () => {
  for (const { root, shards } of opened.splice(0)) {
    await Promise.all(shards.map((shard) => shard.dispose()))
    rmSync(root, { recursive: true })
  }
})

/** A library over a repository of versions of `risk`, on shards `main` and `text` of one worker each that answers 0.5. */
async function opening(
  versions: readonly string[],
  options: Partial<ModelLibraryOptions> = {},
  reader = new RepositoryReader(),
) {
  const root = mkdtempSync(join(tmpdir(), 'presage-library-'))
  const put = (version: string, edit: (manifest: string) => string = (text) => text) => {
    const folder = join(root, 'models/risk', version)
    cpSync(original, folder, { recursive: true })
    const file = join(folder, 'model.yaml')
    const manifest = readFileSync(file, 'utf8')
      .replace('name: payment-risk', 'name: risk')
      .replace('version: "1"', `version: "${version}"`)
      .replace('golden: golden.json\n', '')
    writeFileSync(file, edit(manifest))
  }
  cpSync(join(packageRoot, 'examples/streaming/objectives'), join(root, 'objectives'), { recursive: true })
  for (const version of versions) put(version)
  const clock = new FakeClock()
  const workers: HalfWorker[] = []
  const start = async (id: string) => {
    const worker = new HalfWorker(id)
    workers.push(worker)
    return worker
  }
  const shardOptions = { kind: 'thread', workers: 1, inline: 'never', start, clock } as const
  const shards = [
    await createShard({ name: 'main', ...shardOptions }),
    await createShard({ name: 'text', ...shardOptions }),
  ]
  opened.push({ root, shards })
  const registry = new ModelRegistry()
  const repository = new LiveRepository(loadRepository([root]), {
    isPublished: (key) => registry.isPublished(key),
    reader,
  })
  const serving = createPredictionRuntime({
    objectives: repository.objectives,
    registry,
    shards: new Map(shards.map((shard) => [shard.name, shard])),
    rules: {} as RuleBook,
    clock,
    metrics: noMetrics,
    maxRows: 1_000,
  })
  const lines: string[] = []
  const library = new ModelLibrary({
    repository,
    host: serving,
    shardsOf: () => ['main'],
    isNamed: () => false,
    log: (line) => lines.push(line.replaceAll(root, 'ROOT')),
    lingerMs,
    ...options,
  })
  await library.load()
  const ask = (key: string) => {
    const request = createClientRequest({ id: 'test', deadline: Number.POSITIVE_INFINITY })
    return tryModel(serving, request, key, [
      JSON.parse(readFileSync(join(original, 'golden.json'), 'utf8')).cases[0].input,
    ])
  }
  return {
    root,
    put,
    remove: (version: string) => rmSync(join(root, 'models/risk', version), { recursive: true }),
    clock,
    workers,
    registry,
    repository,
    library,
    lines,
    shards,
    ask,
    look: async () => library.take(await scanRepository([root])),
    state: (key: string) => registry.get(key)?.state.is,
  }
}

test('what comes is brought into service one after the other, and what was there is left alone', async () => {
  const { put, look, state, workers } = await opening(['1'])
  await look()
  put('2')
  put('3')
  expect(await look()).toEqual(['risk@2 is ready on main', 'risk@3 is ready on main'])
  expect(['risk@1', 'risk@2', 'risk@3'].map(state)).toEqual(['ready', 'ready', 'ready'])
  expect(workers[0].loaded).toEqual(['risk@1', 'risk@2', 'risk@3'])
  expect(await look()).toEqual([])
})

test('a version with a large file is read apart: others, of the same look and of later ones, do not wait for it', async () => {
  const reader = new RepositoryReader()
  let read = () => {}
  const held = new Promise<void>((resolve) => {
    read = resolve
  })
  const versionOf = reader.version.bind(reader)
  const asked: [string, boolean | undefined][] = []
  reader.version = async (directory, isLarge) => {
    asked.push([basename(directory), isLarge])
    if (isLarge) await held
    return versionOf(directory, isLarge)
  }
  const { root, put, look, state, library } = await opening(['1'], {}, reader)
  put('2')
  put('3')
  // A hole: it takes no room on the disk.
  const large = join(root, 'models/risk/2/large.bin')
  writeFileSync(large, '')
  truncateSync(large, 300 * 2 ** 20)
  const told: (readonly string[])[] = []
  const first = library.take(await scanRepository([root]), (report) => told.push(report))
  await until(() => state('risk@3') === 'ready')
  await expect(library.ensureLoaded('risk@2')).rejects.toThrow(
    'risk@2 is not ready: its files are still being read',
  )
  put('4')
  expect(await look()).toEqual(['risk@4 is ready on main'])
  read()
  expect(await first).toEqual(['risk@3 is ready on main', 'risk@2 is ready on main'])
  expect(told).toEqual([['risk@3 is ready on main'], ['risk@2 is ready on main']])
  expect(asked).toEqual([
    ['2', true],
    ['3', false],
    ['4', false],
  ])
  expect(await look()).toEqual([])
})

test('a large version that is removed while it is read does not come', async () => {
  const reader = new RepositoryReader()
  const versionOf = reader.version.bind(reader)
  const { root, put, remove, look, state } = await opening(['1'], {}, reader)
  reader.version = async (directory, isLarge) => {
    const version = await versionOf(directory, isLarge)
    remove('2')
    return version
  }
  put('2')
  const large = join(root, 'models/risk/2/large.bin')
  writeFileSync(large, '')
  truncateSync(large, 300 * 2 ** 20)
  expect(await look()).toEqual([])
  expect(state('risk@2')).toBeUndefined()
})

test('a version that is not wanted is not loaded unless it is asked for', async () => {
  const { put, look, state, library, workers } = await opening(['1'], { isWanted: () => false })
  expect(state('risk@1')).toBeUndefined()
  await look()
  put('2')
  expect(await look()).toEqual([])
  await library.ensureLoaded('risk@2')
  expect(state('risk@2')).toBe('ready')
  expect(workers[0].loaded).toEqual(['risk@2'])
})

test('to ask for a version that is ready costs nothing, for one on another shard only that', async () => {
  const { library, registry, workers } = await opening(['1'])
  await library.ensureLoaded('risk@1')
  expect(workers.map(({ loaded }) => loaded)).toEqual([['risk@1'], []])
  await Promise.all([
    library.ensureLoaded('risk@1', ['text']),
    library.ensureLoaded('risk@1', ['text', 'main']),
  ])
  expect(workers.map(({ loaded }) => loaded)).toEqual([['risk@1'], ['risk@1']])
  expect(registry.get('risk@1')?.shards).toEqual(['main', 'text'])
})

test('a version that is unloaded while it comes to another shard is ready there alone, until it is asked for', async () => {
  const { library, registry, workers, clock, ask } = await opening(['1'])
  let go = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const load = workers[1].load.bind(workers[1])
  workers[1].load = async (key) => {
    await held
    return load(key)
  }
  const coming = library.ensureLoaded('risk@1', ['text'])
  await settle()
  const evicted = library.evict(['risk@1'])
  go()
  await coming
  expect(registry.get('risk@1')).toMatchObject({ shards: ['text'], state: { is: 'ready' } })
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await evicted
  await library.ensureLoaded('risk@1', ['main', 'text'])
  expect(registry.get('risk@1')?.shards).toEqual(['text', 'main'])
  expect(await ask('risk@1')).toMatchObject([{ probability: 0.5 }])
})

test('a version that was put out of memory is neither compiled nor checked again when it comes back; one that left is', async () => {
  const checked: string[] = []
  const { library, registry, clock, ask } = await opening(['1'], {
    checkModel: ({ key }) => {
      checked.push(key)
      return []
    },
  })
  const model = () => {
    const { state } = registry.get('risk@1')!
    return state.is === 'ready' ? state.model : undefined
  }
  const leave = async (left: Promise<void>) => {
    for (const ms of [lingerMs, renewAfterMs]) {
      await settle()
      clock.advance(ms)
    }
    await left
  }
  const first = model()
  await leave(library.putOut('risk@1'))
  expect(registry.get('risk@1')?.state).toMatchObject({ is: 'unloaded', onDemand: true })
  await library.ensureLoaded('risk@1')
  expect(first).toBeDefined()
  expect(model()).toBe(first)
  expect(await ask('risk@1')).toMatchObject([{ probability: 0.5 }])
  await leave(library.evict(['risk@1']))
  await library.ensureLoaded('risk@1')
  expect(model()).not.toBe(first)
  expect(model()).toMatchObject({ key: 'risk@1' })
  expect(checked).toEqual(['risk@1', 'risk@1'])
})

test('a version that comes and does not fit is refused, and gives back what it took', async () => {
  const { put, look, registry, shards } = await opening(['1'], {
    checkModel: ({ key }) =>
      key === 'risk@2' ? ['feature tag: must have a default', 'output y: must be there'] : [],
  })
  await look()
  put('2')
  const reason = 'feature tag: must have a default; output y: must be there'
  expect(await look()).toEqual([`risk@2 is not ready: ${reason}`])
  expect(registry.get('risk@2')?.state).toEqual({ is: 'refused', reason })
  expect(shards[0].status().queues.map(({ key }) => key)).toEqual(['risk@1'])
})

test('to ask for what cannot be had rejects in one line', async () => {
  const { library, put, look, state } = await opening(['1'])
  await expect(library.ensureLoaded('other@1')).rejects.toThrow(
    'other@1 is not ready: it is not in the repository',
  )
  await expect(library.ensureLoaded('risk@1', ['gpu'])).rejects.toThrow(
    'risk@1 is not ready: placement: must be shards of this process (main, text), got gpu',
  )
  expect(state('risk@1')).toBe('ready')
  put('2', (manifest) => manifest.replace('serves: [PAYMENT_RISK]', 'serves: [WEATHER]'))
  await look()
  await expect(library.ensureLoaded('risk@2')).rejects.toThrow(
    /^risk@2 is not ready: serves: must be an objective/,
  )
})

test('a version that was refused is tried again when it is asked for, and gives back what it took', async () => {
  const { library, workers, state, put, look, shards } = await opening(['1'])
  workers[0].refuses = 'risk@2'
  put('2')
  await look()
  expect(state('risk@2')).toBe('refused')
  workers[0].refuses = undefined
  await library.ensureLoaded('risk@2')
  expect(state('risk@2')).toBe('ready')
  expect(shards[0].status().queues.map(({ key }) => key)).toEqual(['risk@1', 'risk@2'])
})

test('a version that did not come back is out of service, and in service again once its runs have ended', async () => {
  const { clock, workers, state, ask, lines } = await opening(['1', '2'])
  const answers: Promise<unknown>[] = []
  const hang = async (worker: HalfWorker) => {
    const comeBack = worker.hang('risk@1')
    answers.push(ask('risk@1'))
    await settle()
    worker.stall('risk@1')
    await settle()
    return comeBack
  }
  const comeBack = [await hang(workers[0]), await hang(workers[2])]
  clock.advance(1_000)
  await settle()
  expect(state('risk@1')).toBe('refused')
  expect(await ask('risk@2')).toMatchObject([{ probability: 0.5 }])
  comeBack[0]()
  await settle()
  expect(state('risk@1')).toBe('refused')
  comeBack[1]()
  await until(() => state('risk@1') === 'ready')
  expect(await ask('risk@1')).toMatchObject([{ probability: 0.5 }])
  expect(lines).toEqual([
    'risk@1 is not ready: runs: two workers have not come back from it; it is tried again once they have',
    'risk@1 is ready on main',
  ])
  await Promise.all(answers)
})

test('a version that one shard refuses while another still loads it stays on neither', async () => {
  const { library, workers, shards, state } = await opening(['1', '2'], {
    isWanted: ({ key }) => key === 'risk@1',
  })
  let go = () => {}
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const [main, text] = workers
  const { load } = main
  main.load = async (key) => {
    await gate
    return load.call(main, key)
  }
  text.load = async () => {
    throw new Error('there is no room')
  }
  const outcome = expect(library.ensureLoaded('risk@2', ['main', 'text'])).rejects.toThrow('there is no room')
  await settle()
  go()
  await outcome
  await settle()
  expect(state('risk@2')).toBe('refused')
  expect(shards.map((shard) => shard.status().workers.map(({ versions }) => versions))).toEqual([
    [['risk@1']],
    [[]],
  ])
})

test('a version that leaves a shard while it loads into another one is ready on the other one alone', async () => {
  const { library, workers, registry, clock, shards } = await opening(['1'])
  let go = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const load = workers[1].load.bind(workers[1])
  workers[1].load = (key) => held.then(() => load(key))
  const loaded = library.ensureLoaded('risk@1', ['text'])
  await settle()
  const left = library.evict(['risk@1'])
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await left
  go()
  await loaded
  expect(registry.get('risk@1')).toMatchObject({ state: { is: 'ready' }, shards: ['text'] })
  expect(shards.map((shard) => shard.copies('risk@1'))).toEqual([0, 1])
  await library.ensureLoaded('risk@1', ['main'])
  expect(shards.map((shard) => shard.copies('risk@1'))).toEqual([1, 1])
})

test('a version that leaves two shards one after the other is loaded again once it has left both', async () => {
  const { library, workers, registry, clock, ask } = await opening(['1'])
  let go = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const load = workers[1].load.bind(workers[1])
  workers[1].load = (key) => held.then(() => load(key))
  const loaded = library.ensureLoaded('risk@1', ['text'])
  await settle()
  const first = library.evict(['risk@1'])
  clock.advance(lingerMs - 1)
  go()
  await loaded
  const second = library.evict(['risk@1'])
  clock.advance(1)
  await settle()
  clock.advance(renewAfterMs)
  await first
  const again = library.ensureLoaded('risk@1', ['main', 'text'])
  await settle()
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await Promise.all([second, again])
  expect(registry.get('risk@1')).toMatchObject({ state: { is: 'ready' }, shards: ['main', 'text'] })
  expect(await ask('risk@1')).toMatchObject([{ probability: 0.5 }])
})

test('a version that begins to leave another shard while its load waits for the first one is loaded on both', async () => {
  const { library, workers, registry, clock, ask } = await opening(['1'])
  let go = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const load = workers[1].load.bind(workers[1])
  workers[1].load = (key) => held.then(() => load(key))
  const loaded = library.ensureLoaded('risk@1', ['main', 'text'])
  await settle()
  const first = library.evict(['risk@1'])
  clock.advance(lingerMs - 1)
  go()
  await until(() => registry.get('risk@1')?.state.is === 'ready')
  const second = library.evict(['risk@1'])
  clock.advance(1)
  await settle()
  clock.advance(renewAfterMs)
  await first
  await settle()
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await Promise.all([second, loaded])
  expect(registry.get('risk@1')).toMatchObject({ state: { is: 'ready' }, shards: ['main', 'text'] })
  expect(await ask('risk@1')).toMatchObject([{ probability: 0.5 }])
})

test('a version that was refused counts as refused while it is tried again', async () => {
  const { library, workers, registry, put, look } = await opening(['1'])
  workers[0].refuses = 'risk@2'
  put('2')
  await look()
  const set = jest.spyOn(registry, 'set')
  await expect(library.ensureLoaded('risk@2')).rejects.toThrow('risk@2 is not ready')
  workers[0].refuses = undefined
  await library.ensureLoaded('risk@2')
  expect(set.mock.calls.map(([{ state }]) => state.is)).toEqual(['refused', 'ready'])
})

test('an evicted version gets no new request, answers those that are on their way, and gives its memory back', async () => {
  const { library, clock, registry, ask, workers, lines, shards } = await opening(['1', '2'])
  const { model } = registry.ready('risk@1')
  const over = library.evict(['risk@1', 'unknown@1'])
  await expect(ask('risk@1')).rejects.toMatchObject({
    code: 'MODEL_NOT_READY',
    message: 'risk@1 is not ready: it is not loaded, since nothing names it',
  })
  // A request that has found its model before brings its rows now.
  clock.advance(lingerMs - 1)
  const columns = model.features.map(() => [0])
  const late = await shards[0].submit('risk@1', columns, 1, { deadline: clock.now() + 1_000 })
  expect(late[0].error).toBeUndefined()
  clock.advance(1)
  await settle()
  clock.advance(renewAfterMs)
  await over
  expect(workers.map(({ id, loaded, disposed }) => [id, loaded.sort(), disposed])).toEqual([
    ['main-1', ['risk@1', 'risk@2'], true],
    ['text-1', [], false],
    ['main-2', ['risk@2'], false],
  ])
  expect(await ask('risk@2')).toMatchObject([{ probability: 0.5 }])
  expect(lines).toEqual(['risk@1 is unloaded: nothing names it'])
})

test('a version that something names is not evicted', async () => {
  const { library, state, lines } = await opening(['1'], { isNamed: (key) => key === 'risk@1' })
  await library.evict(['risk@1'])
  expect(state('risk@1')).toBe('ready')
  expect(lines).toEqual([])
})

test('an evicted version that is asked for again is loaded once it has left', async () => {
  const { library, clock, state, ask, workers } = await opening(['1'])
  void library.evict(['risk@1'])
  const again = library.ensureLoaded('risk@1')
  await settle()
  expect(state('risk@1')).toBe('unloaded')
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await again
  expect(await ask('risk@1')).toMatchObject([{ probability: 0.5 }])
  expect(workers.at(-1)!.loaded).toEqual(['risk@1'])
})

test('a version that is removed goes unless something names it; then it stays until nothing does', async () => {
  let named = 'risk@2'
  const { remove, look, state, library, registry, repository, clock } = await opening(['1', '2'], {
    isNamed: (key) => key === named,
  })
  await look()
  remove('1')
  remove('2')
  expect(await look()).toEqual([
    'risk@1 is gone',
    'risk@2: its files are gone; restore them, because rules or fields name it and new workers cannot load it',
  ])
  expect(registry.list().map(({ key, note }) => [key, note])).toEqual([
    ['risk@2', expect.stringMatching(/^its files are gone/)],
  ])
  expect(await look()).toEqual([])
  named = ''
  void library.evict(['risk@2'])
  expect(state('risk@2')).toBeUndefined()
  expect(repository.get('risk@2')).toBeUndefined()
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
})

test('an evicted version that is removed is gone', async () => {
  const { remove, look, state, library, clock } = await opening(['1'])
  await look()
  const over = library.evict(['risk@1'])
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await over
  remove('1')
  expect(await look()).toEqual(['risk@1 is gone'])
  expect(state('risk@1')).toBeUndefined()
})

test('a version that was never ready may be put right; one that was may not change', async () => {
  const { put, look, state, registry } = await opening([])
  await look()
  put('1', (manifest) => manifest.replace('serves: [PAYMENT_RISK]', 'serves: [WEATHER]'))
  await look()
  expect(state('risk@1')).toBe('refused')
  put('1')
  expect(await look()).toEqual(['risk@1 is ready on main'])
  put('1', (manifest) => `${manifest}# other\n`)
  expect(await look()).toEqual([
    expect.stringContaining('model.yaml: must not change once published, got SHA-256'),
  ])
  expect(registry.get('risk@1')).toMatchObject({
    state: { is: 'ready' },
    note: expect.stringContaining('must not change once published'),
  })
  put('1')
  expect(await look()).toEqual(['risk@1: its files match the loaded version again'])
  expect(registry.get('risk@1')?.note).toBeUndefined()
})

test('a file that changes while another one already differs is a change of its own', async () => {
  const outdated: string[] = []
  const { root, put, look, registry } = await opening(['1'], { onOutdated: (what) => outdated.push(what) })
  await look()
  put('1', (manifest) => `${manifest}golden: golden.json\n`)
  await look()
  expect(outdated).toEqual(['risk@1'])
  const golden = join(root, 'models/risk/1/golden.json')
  writeFileSync(golden, `${readFileSync(golden, 'utf8')}\n`)
  await look()
  expect(outdated).toEqual(['risk@1', 'risk@1'])
  expect(registry.get('risk@1')?.note).toMatch(
    /^files: .*model\.yaml: must not change once published, got SHA-256 .*; .*golden\.json: must not change once published, got SHA-256 /,
  )
})

test('a changed version is not loaded from what stands there now, but once its files are as they were', async () => {
  const { put, look, library, clock } = await opening(['1'])
  await look()
  put('1', (manifest) => `${manifest}# other\n`)
  await look()
  const over = library.evict(['risk@1'])
  clock.advance(lingerMs)
  await settle()
  clock.advance(renewAfterMs)
  await over
  await expect(library.ensureLoaded('risk@1')).rejects.toThrow('must not change once published')
  put('1')
  expect(await look()).toEqual([
    'risk@1: its files match the loaded version again',
    'risk@1 is ready on main',
  ])
})

test('an objective that comes is known, and versions that were refused for want of it are tried again', async () => {
  const { root, put, look, state, repository } = await opening([])
  await look()
  put('1', (manifest) => manifest.replace('serves: [PAYMENT_RISK]', 'serves: [CHANCE]'))
  await look()
  expect(state('risk@1')).toBe('refused')
  const file = join(root, 'objectives/CHANCE.yaml')
  writeFileSync(file, contract.replace('objective: PAYMENT_RISK', 'objective: CHANCES'))
  expect(await look()).toEqual([
    expect.stringMatching(/CHANCE.yaml:5: objective: must be CHANCE, the name of the file, got CHANCES$/),
  ])
  writeFileSync(file, contract.replace('objective: PAYMENT_RISK', 'objective: CHANCE'))
  expect(await look()).toEqual([
    'objective CHANCE was added; a field that uses it needs a composition and a restart',
    'risk@1 is ready on main',
  ])
  expect(repository.objectives.get('CHANCE')?.name).toBe('CHANCE')
})

test('a refused objective that goes is not missed', async () => {
  const { root, look } = await opening([])
  await look()
  const file = join(root, 'objectives/COPY.yaml')
  writeFileSync(file, contract)
  expect(await look()).toEqual([expect.stringContaining('must be COPY, the name of the file')])
  rmSync(file)
  expect(await look()).toEqual([])
})

test('an objective that changes or goes counts as it was, and a line says what would break', async () => {
  const { root, look, repository } = await opening([])
  await look()
  const file = join(root, 'objectives/PAYMENT_RISK.yaml')
  const known = repository.objectives.get('PAYMENT_RISK')
  writeFileSync(file, contract.replace('amount:', 'sum:'))
  const lines = await look()
  expect(lines.slice(0, -1)).toContainEqual(
    expect.stringMatching(/PAYMENT_RISK.yaml: input amount: must stay, got nothing$/),
  )
  expect(lines.at(-1)).toMatch(/the loaded contract stays in effect$/)
  writeFileSync(file, contract.replace(/description: .*/, 'description: Another text'))
  expect(await look()).toEqual([expect.stringMatching(/the change takes effect at the next start$/)])
  rmSync(file)
  expect(await look()).toEqual([expect.stringMatching(/must stay while this process runs, got no file/)])
  writeFileSync(file, contract)
  expect(await look()).toEqual([
    expect.stringMatching(/PAYMENT_RISK.yaml: matches the loaded contract again$/),
  ])
  writeFileSync(file, contract.replace('inputs:', 'input:'))
  expect((await look()).at(-1)).toMatch(/PAYMENT_RISK.yaml: the loaded contract stays in effect$/)
  writeFileSync(file, contract)
  expect(await look()).toEqual([
    expect.stringMatching(/PAYMENT_RISK.yaml: matches the loaded contract again$/),
  ])
  writeFileSync(file, `${contract}\n`)
  expect(await look()).toEqual([])
  expect(repository.objectives.get('PAYMENT_RISK')).toBe(known)
})

test('what changed after it was read is told at the first look', async () => {
  const { root, put, look } = await opening(['1'])
  const file = join(root, 'objectives/PAYMENT_RISK.yaml')
  writeFileSync(file, `${readFileSync(file, 'utf8')}surprise: true\n`)
  put('1', (manifest) => `${manifest}\n# other`)
  const lines = await look()
  expect(lines.join('\n')).toMatch(/PAYMENT_RISK\.yaml:\d+: surprise/)
  expect(lines.join('\n')).toMatch(/risk@1: files: .*model\.yaml: must not change once published/)
})

test('a version that stands in two places is taken from the first', async () => {
  const { root, repository, library } = await opening(['1'])
  const second = mkdtempSync(join(tmpdir(), 'presage-second-'))
  cpSync(join(root, 'models'), join(second, 'models'), { recursive: true })
  const both = await scanRepository([root, second])
  expect(await library.take(both)).toEqual([
    expect.stringMatching(
      /models\/risk\/1: must be the only folder of its version, got risk@1 also in .*risk\/1$/,
    ),
  ])
  expect(await library.take(both)).toEqual([])
  expect(repository.get('risk@1')?.directory.startsWith(root)).toBe(true)
  rmSync(second, { recursive: true })
})

/** A worker without a runtime: answers 0.5 for every row, and refuses the batches of one version. */
class HalfWorker implements Worker {
  readonly kind = 'half'
  readonly lost = new Emitter<string>().event
  private readonly stalledEmitter = new Emitter<VersionFault>()
  readonly stalled = this.stalledEmitter.event
  readonly loaded: string[] = []
  refuses: string | undefined
  disposed = false
  private hangsOn: string | undefined
  private back: Promise<void> | undefined

  constructor(readonly id: string) {}

  async load(key: string) {
    this.loaded.push(key)
    return signature
  }

  /** It does not come back from runs of this version until the returned function is called. */
  hang(key: string): () => void {
    let comeBack = () => {}
    this.hangsOn = key
    this.back = new Promise((resolve) => {
      comeBack = resolve
    })
    return comeBack
  }

  stall(key: string): void {
    this.stalledEmitter.fire({ key, sentence: 'stalled by the test' })
  }

  async infer(key: string, { features }: Tensors) {
    if (key === this.hangsOn) await this.back
    if (key === this.refuses) throw new Error('the runtime refuses a batch')
    const [rows] = features.dims
    const data = new Float32Array(rows).fill(0.5)
    return { tensors: { probability: { type: 'float32' as const, dims: [rows], data } }, computeMs: 0 }
  }

  async dispose() {
    await this.back
    this.disposed = true
  }
}
