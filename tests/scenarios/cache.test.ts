import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { packageRoot } from '../../lib/packagePaths'
import type { ExplainEntry } from '../../lib/request/explain'
import { type Example, startExample } from '../support/example'
import { RedisServer } from '../support/redisServer'
import { until } from '../support/until'

/** Two processes' worth of the example whose objectives all have their answers kept, in one Redis. */

jest.setTimeout(120_000)

const streaming = join(packageRoot, 'examples/streaming')
const folder = mkdtempSync(join(tmpdir(), 'presage-cache-'))
const payment = JSON.parse(readFileSync(join(streaming, 'data/payments.json'), 'utf8')).payments[4]
const { id: _id, bad: _bad, ...input } = payment
const query = `query ($p: PaymentInput!) {
  titles(first: 20) { predictedRating(memberId: "12") }
  member(id: "12") { recommendedTitles(first: 4) { score title { name } } }
  messages(first: 20) { abuse { label probability } }
  paymentRisk(payment: $p) { decision probability }
  searchTitles(text: "space war", first: 3) { score title { name } }
}`

let redis: RedisServer
let one: Example
let other: Example

function makeRepository(): string {
  cpSync(join(streaming, 'objectives'), join(folder, 'objectives'), { recursive: true })
  for (const file of readdirSync(join(folder, 'objectives'))) {
    const path = join(folder, 'objectives', file)
    writeFileSync(path, `${readFileSync(path, 'utf8')}\ncache: { ttl: 2m }\n`)
  }
  symlinkSync(join(streaming, 'models'), join(folder, 'models'))
  return folder
}

/** `timeout`: how long it waits for Redis. */
async function start(timeout: string): Promise<Example> {
  const file = join(folder, 'cache.yaml')
  writeFileSync(file, `cache: { store: { redis: "${redis.url}", timeout: ${timeout} } }`)
  const { cache } = loadConfig(file)
  return startExample(({ repositories, shards: { main } }) => ({
    cache,
    repositories: [folder, ...repositories.slice(1)],
    shards: { main: { ...main, workers: 1 } },
  }))
}

async function textOf(example: Example, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(example.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables: { p: input } }),
  })
  return response.text()
}

async function usesOf(example: Example, headers: Record<string, string> = {}): Promise<unknown[]> {
  const text = await textOf(example, { 'x-presage-explain': '1', ...headers })
  const entries: readonly ExplainEntry[] = JSON.parse(text).extensions.presage.predictions
  return [...new Set(entries.map(({ cache }) => cache))]
}

const inferred = (example: Example) => example.counter('presage_inference_count_total')

/** What is kept is written after the answer. */
function untilKept(): Promise<void> {
  return until(async () => (await usesOf(other)).join() === 'hit')
}

beforeAll(async () => {
  redis = await RedisServer.start([])
  makeRepository()
  one = await start('200ms')
  // What it reads it must have, also on a machine that stands still for seconds.
  other = await start('20s')
})
afterAll(async () => {
  await Promise.all([one?.close(), other?.close()])
  await RedisServer.stopAll()
})

it('what one process has made another one answers, to the byte, without asking a model', async () => {
  const made = await textOf(one)
  expect(JSON.parse(made).errors).toBeUndefined()
  await untilKept()
  const before = await inferred(other)
  expect(await textOf(other)).toBe(made)
  expect(await inferred(other)).toBe(before)
  expect(await other.counter('presage_cache_hits_total', { objective: 'PREDICT_RATING' })).toBeGreaterThan(0)
})

it('who wants it made anew gets the same, made anew', async () => {
  const kept = await textOf(other)
  const before = await inferred(other)
  expect(await textOf(other, { 'x-presage-cache': 'bypass' })).toBe(kept)
  expect(await inferred(other)).toBeGreaterThan(before)
  expect(await usesOf(other, { 'x-presage-cache': 'bypass' })).toEqual(['bypass'])
})

it('a header that says anything else is refused', async () => {
  expect(JSON.parse(await textOf(other, { 'x-presage-cache': 'no' })).errors).toMatchObject([
    { message: 'x-presage-cache: must be bypass, got "no"', extensions: { code: 'BAD_REQUEST' } },
  ])
})

it('without Redis, or with one that hangs, the same answers are made', async () => {
  const kept = await textOf(other)
  redis.signal('SIGSTOP')
  expect(await textOf(one)).toBe(kept)
  expect(await one.counter('presage_cache_errors_total', { reason: 'timeout' })).toBeGreaterThan(0)
  redis.signal('SIGCONT')
  await redis.kill()
  expect(await textOf(other)).toBe(kept)
  expect(await textOf(one)).toBe(kept)
  expect(await other.counter('presage_cache_errors_total')).toBeGreaterThan(0)
  expect(await usesOf(one)).toEqual(['miss'])
})
