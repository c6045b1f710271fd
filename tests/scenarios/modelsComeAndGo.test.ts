import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startConfigured } from '../support/example'
import { exampleConfig } from '../support/exampleConfig'
import { load } from '../support/load'
import { until } from '../support/until'

const streaming = join(packageRoot, 'examples/streaming')
const original = join(streaming, 'models/payment-risk/2')
const risk = '{ payment(id: 1) { risk { probability decision } } }'

let root: string
let example: Example
const lines: string[] = []
const folder = (version: string) => join(root, 'models/payment-risk', version)

/** The example's own repository, without payment-risk@2; the other root stays where it is. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'presage-come-and-go-'))
  cpSync(join(streaming, 'objectives'), join(root, 'objectives'), { recursive: true })
  cpSync(join(streaming, 'models'), join(root, 'models'), { recursive: true })
  rmSync(folder('2'), { recursive: true })
  const config = exampleConfig()
  const { main } = config.shards
  example = await startConfigured(
    {
      ...config,
      repositories: [root, ...config.repositories.slice(1)],
      shards: { main: { ...main, workers: 2, inline: 'never' } },
      models: { watch: true, poll: 60_000 },
    },
    { log: (line) => lines.push(line) },
  )
})
afterAll(async () => {
  await example.close()
  rmSync(root, { recursive: true })
})

interface Status {
  readonly ready: boolean
  readonly reason: string | null
  readonly note: string | null
}

async function status(version: string): Promise<Status | undefined> {
  const { data } = await example.query('{ models { name version ready reason note } }')
  const all = data.models as (Status & { name: string; version: string })[]
  const found = all.find((one) => one.name === 'payment-risk' && one.version === version)
  return found && { ready: found.ready, reason: found.reason, note: found.note }
}

async function reload(): Promise<readonly string[]> {
  const response = await fetch(example.url.replace('/graphql', '/v1/models:reload'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const { done } = (await response.json()) as { done: readonly string[] }
  return done.map((line) => line.replaceAll(root, 'ROOT'))
}

/** Asks on and on while `work` is done; nothing of what is asked may fail. */
async function underLoad(work: () => Promise<void>): Promise<void> {
  const working = work()
  const { answered, failures } = await load(
    example.url,
    4,
    () => ({ query: risk, variables: {} }),
    working.catch(() => {}),
  )
  await working
  expect(failures).toEqual([])
  // Each of the four clients was answered, however busy the machine is.
  expect(answered).toBeGreaterThanOrEqual(4)
}

async function tryIt(model: string) {
  const golden = JSON.parse(readFileSync(join(original, 'golden.json'), 'utf8')) as {
    cases: { input: object; output: { probability: number } }[]
  }
  const { data, errors } = await example.query(
    'query ($model: String!, $features: [JSON!]!) { tryModel(model: $model, features: $features) }',
    { model, features: golden.cases.map(({ input }) => input) },
  )
  return { errors, answers: data?.tryModel, expected: golden.cases.map(({ output }) => output) }
}

const workers = () => example.deployment.serving.shards.get('main')!.status().workers

it('waits while a version is half copied, and takes it up by itself when it is whole, while others are asked', async () => {
  await underLoad(async () => {
    mkdirSync(folder('2'))
    cpSync(join(original, 'model.onnx'), join(folder('2'), 'model.onnx'))
    truncateSync(join(folder('2'), 'model.onnx'), 100_000)
    cpSync(join(original, 'golden.json'), join(folder('2'), 'golden.json'))
    await reload()
    expect(await status('2')).toMatchObject({
      ready: false,
      reason: expect.stringMatching(/^manifest: .*model.yaml: must be there, got no file$/),
    })
    cpSync(join(original, 'model.yaml'), join(folder('2'), 'model.yaml'))
    await reload()
    expect(await status('2')).toMatchObject({
      ready: false,
      reason: expect.stringMatching(/^files: .*model.onnx: must have 139198 bytes, got 100000$/),
    })
    cpSync(join(original, 'model.onnx'), join(folder('2'), 'model.onnx'))
    expect(await reload()).toEqual(['payment-risk@2 is ready on main'])
  })
  expect(await status('2')).toEqual({ ready: true, reason: null, note: null })
  const { answers, expected, errors } = await tryIt('payment-risk@2')
  expect(errors).toBeUndefined()
  expect(answers).toHaveLength(expected.length)
  for (const [row, { probability }] of expected.entries()) {
    expect(answers[row].probability).toBeCloseTo(probability, 4)
  }
})

it('serves a version on as it was loaded when its files change, and says so until they are as they were', async () => {
  const golden = readFileSync(join(folder('2'), 'golden.json'), 'utf8')
  writeFileSync(join(folder('2'), 'golden.json'), `${golden} `)
  expect(await reload()).toEqual([
    expect.stringMatching(
      /^payment-risk@2: files: ROOT\/.*golden.json: must not change once published, got SHA-256 [0-9a-f]{64}; the loaded version stays in service$/,
    ),
  ])
  expect(await status('2')).toMatchObject({
    ready: true,
    note: expect.stringContaining('must not change once published'),
  })
  writeFileSync(join(folder('2'), 'golden.json'), golden)
  expect(await reload()).toEqual(['payment-risk@2: its files match the loaded version again'])
  expect(await status('2')).toEqual({ ready: true, reason: null, note: null })
})

it('unloads a version that is removed and that nothing names, renews its workers, and loses no request', async () => {
  const before = workers()
    .filter(({ kind }) => kind === 'thread')
    .map(({ id }) => id)
  await underLoad(async () => {
    rmSync(folder('2'), { recursive: true })
    expect(await reload()).toEqual(['payment-risk@2 is gone'])
    expect(await status('2')).toBeUndefined()
    await until(() => !workers().some(({ id }) => before.includes(id)), { everyMs: 20 })
  })
  expect((await tryIt('payment-risk@2')).errors?.[0].extensions.code).toBe('MODEL_NOT_FOUND')
  expect(workers().filter(({ kind }) => kind === 'thread')).toHaveLength(2)
})

it('refuses another version under the key of one that was removed', async () => {
  cpSync(original, folder('2'), { recursive: true })
  const file = join(folder('2'), 'model.yaml')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n# another one\n`)
  expect(await reload()).toEqual([
    expect.stringMatching(
      /^payment-risk@2 is not ready: files: ROOT\/.*model.yaml: must not change once published, got .*; a new version takes the next number$/,
    ),
  ])
  expect((await status('2'))?.ready).toBe(false)
  cpSync(join(original, 'model.yaml'), file)
  expect(await reload()).toEqual(['payment-risk@2 is ready on main'])
})

it('keeps a version that rules name when its files are gone, and says so', async () => {
  rmSync(folder('3'), { recursive: true })
  const [line, ...others] = await reload()
  expect(others).toEqual([])
  expect(line).toBe(
    'payment-risk@3: its files are gone; restore them, because rules or fields name it and new workers cannot load it',
  )
  expect((await example.query(risk)).data.payment.risk.decision).toMatch(/^[A-Z]+$/)
  cpSync(join(streaming, 'models/payment-risk/3'), folder('3'), { recursive: true })
  expect(await reload()).toEqual(['payment-risk@3: its files match the loaded version again'])
  expect((await status('3'))?.note).toBeNull()
})

it('gives up a version whose files are gone, and that only rules name which nobody has activated', async () => {
  const { store, node } = example.deployment.rules
  const { text } = (await store.get(1))!
  const published = await store.publish({
    text: text.replaceAll('payment-risk@3', 'payment-risk@2'),
    author: 'test',
    message: '',
  })
  expect(published).toMatchObject({ kind: 'published', version: { number: 2 } })
  await until(() => node.status().prepared.includes(2), { everyMs: 20 })
  const before = workers().map(({ id }) => id)
  rmSync(folder('2'), { recursive: true })
  expect(await reload()).toEqual(['payment-risk@2 is gone'])
  await until(() => !workers().some(({ id }) => before.includes(id)), { everyMs: 20 })
  await until(() => 2 in node.status().problems, { everyMs: 20 })
  expect(node.status().prepared).toEqual([1])
  expect(node.status().problems[2]).toEqual([
    expect.stringMatching(/^objectives.PAYMENT_RISK.default: .*, got payment-risk@2$/),
  ])
  cpSync(original, folder('2'), { recursive: true })
  expect(await reload()).toEqual(['payment-risk@2 is ready on main'])
  await until(() => node.status().prepared.includes(2), { everyMs: 20 })
})

it('takes up an objective, and a version that was refused for want of it', async () => {
  const copy = join(root, 'models/payment-chance/1')
  cpSync(original, copy, { recursive: true })
  const manifest = readFileSync(join(copy, 'model.yaml'), 'utf8')
  writeFileSync(
    join(copy, 'model.yaml'),
    manifest
      .replace('name: payment-risk', 'name: payment-chance')
      .replace('version: "2"', 'version: "1"')
      .replace('serves: [PAYMENT_RISK]', 'serves: [PAYMENT_CHANCE]'),
  )
  expect(await reload()).toEqual([
    expect.stringMatching(
      /^payment-chance@1 is not ready: serves: must be an objective \(.*\), got PAYMENT_CHANCE; did you mean "PAYMENT_RISK"\?$/,
    ),
  ])
  const contract = readFileSync(join(root, 'objectives/PAYMENT_RISK.yaml'), 'utf8')
  writeFileSync(
    join(root, 'objectives/PAYMENT_CHANCE.yaml'),
    contract.replace('objective: PAYMENT_RISK', 'objective: PAYMENT_CHANCE'),
  )
  expect(await reload()).toEqual([
    'objective PAYMENT_CHANCE was added; a field that uses it needs a composition and a restart',
    'payment-chance@1 is ready on main',
  ])
  const { data } = await example.query('{ objectives { name } }')
  expect(data.objectives).toContainEqual({ name: 'PAYMENT_CHANCE' })
})

it('takes up what comes without being asked', async () => {
  rmSync(folder('1'), { recursive: true })
  await until(async () => (await status('1')) === undefined, { everyMs: 50 })
  cpSync(join(streaming, 'models/payment-risk/1'), folder('1'), { recursive: true })
  await until(async () => (await status('1'))?.ready === true, { everyMs: 50 })
})

it('answers a reload that finds nothing, and none that a page could send', async () => {
  expect(await reload()).toEqual([])
  const url = example.url.replace('/graphql', '/v1/models:reload')
  expect((await fetch(url)).status).toBe(405)
  expect(
    (await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } })).status,
  ).toBe(415)
})
