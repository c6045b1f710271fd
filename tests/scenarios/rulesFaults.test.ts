import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { postQuery } from '../support/example'
import { type Load, load } from '../support/load'
import { runPresage } from '../support/presageCommand'
import { RedisServer } from '../support/redisServer'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'

/** Four processes of the example on one Redis, which freezes, dies and comes back without what it knew, all under load. */

jest.setTimeout(240_000)

const nodes = ['a', 'b', 'c', 'd']
const folder = mkdtempSync(join(tmpdir(), 'presage-rules-faults-'))
const file = join(folder, 'rules.yaml')
const query = 'query ($m: ID!) { titles(first: 5) { predictedRating(memberId: $m) } }'

/** Asking costs the processes time, which they have little of under load. */
const seldom = { everyMs: 50 }

let redis: RedisServer
let configs: string[]
let servers: ServerProcess[] = []

beforeAll(async () => {
  redis = await RedisServer.start()
  write(3)
  configs = nodes.map((node) =>
    writeConfig(({ shards }) => ({
      server: { timeout: 20_000 },
      rules: { file, store: { redis: redis.url, create: true }, node },
      shards: { main: { ...shards.main, workers: 1 } },
    })),
  )
  servers = await Promise.all(configs.map((config) => startProcess(config)))
  await until(async () => (await Promise.all(servers.map(isReady))).every(Boolean), seldom)
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  await RedisServer.stopAll()
})

test('no prediction fails, no version is lost, no number is used twice, and all processes converge', async () => {
  expect(await publish(4)).toBe(2)
  expect(await rulesCommand('activate', '2', '--wait')).toMatchObject({ code: 0 })
  await until(() => allServe(2), seldom)

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
    await until(() => allAre('stale'), seldom)
    redis.signal('SIGCONT')
    await until(() => allAre('current'), seldom)

    await redis.kill()
    await until(() => allAre('stale'), seldom)
    await redis.start()
    await until(() => allAre('current'), seldom)

    await redis.kill()
    redis.forget()
    await redis.start()
    await until(() => allAre('stale'), seldom)
    expect(await allServe(2)).toBe(true)
    expect(await rulesCommand('restore')).toMatchObject({ code: 0 })
    await until(() => allAre('current'), seldom)

    expect(await publish(3)).toBe(3)
    expect(await rulesCommand('activate', '3', '--wait')).toMatchObject({ code: 0 })
    await until(() => allServe(3), seldom)
  } finally {
    redis.signal('SIGCONT')
    end()
    results = await Promise.all(loads)
  }
  expect(results.flatMap(({ failures }) => failures)).toEqual([])
  for (const { answered } of results) expect(answered).toBeGreaterThan(20)
  const { out } = await rulesCommand('history', '--json')
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
  const { code, out, err } = await rulesCommand('publish', file, '--json')
  if (code !== 0) throw new Error(err)
  return JSON.parse(out).version.number
}

function rulesCommand(...args: string[]): ReturnType<typeof runPresage> {
  const [config] = configs
  return runPresage(['--config', config, 'rules', ...args], dirname(config))
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
