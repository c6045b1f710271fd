import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { type Deployment, startDeployment } from '../../cli/deployment/startDeployment'
import { postQuery } from '../support/example'
import { RedisServer } from '../support/redisServer'
import { rounded } from '../support/rounded'
import { writeConfig } from '../support/serverProcess'
import { until } from '../support/until'

/** Two deployments of the example on one Redis: flips under load, and what happens while Redis is away. */

jest.setTimeout(240_000)

const folder = mkdtempSync(join(tmpdir(), 'presage-rules-redis-'))
const rules = (rating: number, risk: number) =>
  JSON.stringify({
    objectives: {
      RECOMMEND_TITLES: { default: 'title-recommender@3' },
      PREDICT_RATING: { default: `rating-predictor@${rating}` },
      PAYMENT_RISK: { default: `payment-risk@${risk}` },
      ABUSE_SCORE: { default: 'abuse-score@2' },
      SEARCH_TITLES: { default: 'title-search@2' },
    },
  })
const query = `{
  titles(first: 2) { predictedRating(memberId: "12") }
  payment(id: 1) { risk { probability } }
  more: titles(first: 1) { predictedRating(memberId: "13") }
}`

let redis: RedisServer
let one: Deployment
let other: Deployment

/** By node: a node that starts again finds its copy beside its configuration. */
const configFiles = new Map<string, string>()

async function start(node: string, create: boolean): Promise<Deployment> {
  const file = join(folder, 'rules.yaml')
  const configFile =
    configFiles.get(node) ??
    writeConfig(({ server, shards }) => ({
      rules: { file, store: { redis: redis.url, create }, node },
      server: { ...server, port: 0 },
      shards: { main: { ...shards.main, workers: 1 } },
    }))
  configFiles.set(node, configFile)
  const deployment = await startDeployment(loadConfig(configFile))
  await deployment.loaded
  return deployment
}

const ask = async ({ url }: Deployment): Promise<string> => {
  const answer = await postQuery(url, query)
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors))
  // The last digits depend on the rows of others in the same batch.
  return JSON.stringify(rounded(answer.data))
}
const inEffect = ({ serving }: Deployment) => serving.rules.current().number
const ready = async ({ port }: Deployment) => {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`)
  return (await response.json()) as { ready: boolean; reasons: readonly string[] }
}

/** A machine that is busy may miss the time of a command: then it may have been done or not, which the head tells. */
async function activate(number: number, expected: number): Promise<void> {
  const { store } = one.rules
  await until(async () => {
    try {
      const head = await store.head()
      if (head.kind === 'made' && head.active?.number === number) return true
      const { kind } = await store.activate(number, { expected, by: 'test' })
      if (kind !== 'activated' && kind !== 'not prepared') throw new Error(kind)
      return kind === 'activated'
    } catch (error) {
      if ((error as { code?: string }).code !== 'STORE_UNREACHABLE') throw error
      return false
    }
  })
}

beforeAll(async () => {
  redis = await RedisServer.start()
  writeFileSync(join(folder, 'rules.yaml'), rules(3, 2))
})
afterAll(async () => {
  await Promise.all([one?.close(), other?.close()])
  await RedisServer.stopAll()
})

it('one that may not make the store waits, and is not ready; it follows when another one has made it', async () => {
  other = await start('other', false)
  expect(await ready(other)).toMatchObject({
    ready: false,
    reasons: [
      'rules: no version is in effect (nothing has been published yet; `presage rules publish FILE --create` does)',
    ],
  })
  one = await start('one', true)
  await until(() => inEffect(one) === 1 && inEffect(other) === 1)
  await until(async () => (await ready(one)).ready && (await ready(other)).ready)
})

it('300 flips under load: nothing fails, and every answer is of one version', async () => {
  const { store, node } = one.rules
  const answers = [await ask(one)]
  await store.publish({ text: rules(4, 3), author: 'test', message: '' })
  await until(async () => (await store.leases()).every(({ prepared }) => prepared.includes(2)))
  const seen = new Map<string, number>()
  const failures: string[] = []
  let isOver = false
  const clients = [one, one, other].map(async (deployment) => {
    while (!isOver && failures.length < 10) {
      try {
        const answer = await ask(deployment)
        seen.set(answer, (seen.get(answer) ?? 0) + 1)
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
  })
  try {
    for (let flip = 0; flip < 300; flip++) await activate(2 - (flip % 2), 1 + (flip % 2))
    await until(() => inEffect(one) === 1 && inEffect(other) === 1)
  } finally {
    isOver = true
    await Promise.all(clients)
  }
  expect(failures).toEqual([])
  await activate(2, 1)
  await until(() => inEffect(one) === 2)
  answers.push(await ask(one))
  expect([...seen.keys()].sort()).toEqual(answers.sort())
  for (const count of seen.values()) expect(count).toBeGreaterThan(20)
  expect(node.status().inEffect?.epoch).toBeGreaterThanOrEqual(302)
})

it('without Redis it serves on and says so, and follows when Redis is back', async () => {
  await redis.kill()
  await until(() => one.rules.node.status().state.kind === 'stale')
  expect(await ready(one)).toMatchObject({ ready: true })
  const { data } = await postQuery(one.url, '{ ruleStatus { store active { number } inEffect state why } }')
  expect(data.ruleStatus).toMatchObject({ store: 'redis', active: null, inEffect: 2, state: 'stale' })
  await ask(one)
  await redis.start()
  await until(() => one.rules.node.status().state.kind === 'current')
  await activate(1, 2)
  await until(() => inEffect(one) === 1 && inEffect(other) === 1)
})

it('one that starts while Redis is away serves from its own copy, not by its file', async () => {
  await activate(2, 1)
  await until(() => inEffect(other) === 2)
  await other.close()
  await redis.kill()
  other = await start('other', false)
  expect(inEffect(other)).toBe(2)
  expect(await ready(other)).toEqual({ ready: true, reasons: [] })
  expect(await ask(other)).toBe(await ask(one))
})
