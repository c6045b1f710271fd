import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { compiledPath } from '../../lib/compiled'
import { postQuery } from '../support/example'
import { type Load, load } from '../support/load'
import { RedisServer } from '../support/redisServer'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'

/** Four processes of the example on one Redis, which freezes, dies and comes back without what it knew, all under load. */

jest.setTimeout(240_000)

const nodes = ['a', 'b', 'c', 'd']
const folder = mkdtempSync(join(tmpdir(), 'presage-rules-faults-'))
const file = join(folder, 'rules.yaml')
const query = 'query ($m: ID!) { titles(first: 5) { predictedRating(memberId: $m) } }'

let redis: RedisServer
let configs: string[]
let servers: ServerProcess[] = []

beforeAll(async () => {
  redis = await RedisServer.start()
  write(3)
  configs = nodes.map((node) =>
    writeConfig(({ shards }) => ({
      rules: { file, store: { redis: redis.url, create: true }, node },
      shards: { main: { ...shards.main, workers: 1 } },
    })),
  )
  servers = await Promise.all(configs.map((config) => startProcess(config)))
  await until(async () => (await Promise.all(servers.map(isReady))).every(Boolean))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  await RedisServer.stopAll()
})

test('no prediction fails, no version is lost, no number is used twice, and all processes converge', async () => {
  expect(await publish(4)).toBe(2)
  expect(await presage('activate', '2', '--wait')).toMatchObject({ code: 0 })
  await until(() => allServe(2))

  let end = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const loads = servers.map(({ url }) =>
    load(url, 2, (n) => ({ query, variables: { m: String(1 + (n % 600)) } }), over),
  )
  let results: Load[]
  try {
    redis.signal('SIGSTOP')
    await until(() => allAre('stale'))
    redis.signal('SIGCONT')
    await until(() => allAre('current'))

    await redis.kill()
    await until(() => allAre('stale'))
    await redis.start()
    await until(() => allAre('current'))

    await redis.kill()
    redis.forget()
    await redis.start()
    await until(() => allAre('stale'))
    expect(await allServe(2)).toBe(true)
    expect(await presage('restore')).toMatchObject({ code: 0 })
    await until(() => allAre('current'))

    expect(await publish(3)).toBe(3)
    expect(await presage('activate', '3', '--wait')).toMatchObject({ code: 0 })
    await until(() => allServe(3))
  } finally {
    redis.signal('SIGCONT')
    end()
    results = await Promise.all(loads)
  }
  expect(results.flatMap(({ failures }) => failures)).toEqual([])
  for (const { answered } of results) expect(answered).toBeGreaterThan(20)
  const { out } = await presage('history', '--json')
  const numbers = JSON.parse(out).versions.map((version: { number: number }) => version.number)
  expect([...numbers].sort()).toEqual([1, 2, 3])
})

function write(rating: number): void {
  writeFileSync(
    file,
    JSON.stringify({
      objectives: {
        RECOMMEND_TITLES: { default: 'title-recommender@3' },
        PREDICT_RATING: { default: `rating-predictor@${rating}` },
        PAYMENT_RISK: { default: 'payment-risk@3' },
        ABUSE_SCORE: { default: 'abuse-score@2' },
        SEARCH_TITLES: { default: 'title-search@2' },
      },
    }),
  )
}

/** The number that it was given. */
async function publish(rating: number): Promise<number> {
  write(rating)
  const { code, out, err } = await presage('publish', file, '--json')
  if (code !== 0) throw new Error(err)
  return JSON.parse(out).version.number
}

function presage(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const [config] = configs
  const child = spawn(process.execPath, [compiledPath('cli/presage'), '--config', config, 'rules', ...args], {
    cwd: dirname(config),
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

async function isReady({ url }: ServerProcess): Promise<boolean> {
  return (await fetch(new URL('/health/ready', url))).ok
}

async function statuses(): Promise<readonly { inEffect: number; state: string }[]> {
  const answers = await Promise.all(
    servers.map(({ url }) => postQuery(url, '{ ruleStatus { inEffect state } }')),
  )
  return answers.map(({ data }) => data.ruleStatus)
}

async function allServe(number: number): Promise<boolean> {
  return (await statuses()).every(({ inEffect }) => inEffect === number)
}

async function allAre(state: string): Promise<boolean> {
  return (await statuses()).every((status) => status.state === state)
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 40_000; !(await isSo()); await wait(50)) {
    if (Date.now() > end) throw new Error(`it does not come to that: ${isSo}`)
  }
}
