import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import type { ExplainEntry } from '../../lib/request/explain'
import { openRedisStore } from '../../routing/store/redisStore'
import type { RuleStore } from '../../routing/store/ruleStore'
import { readCounter } from '../support/example'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { RedisServer } from '../support/redisServer'
import { writeConfig } from '../support/serverProcess'
import { until } from '../support/until'

/** A gateway and two subgraphs, three processes that follow one Redis: a request that asks both sees one version of the rules. */

jest.setTimeout(120_000)

const names = ['payments', 'trust']
const presage = compiledPath('cli/presage')
const folder = mkdtempSync(join(tmpdir(), 'presage-rules-split-'))

/** Which models a version leads to; the two objectives are of different subgraphs. */
const models = (version: number) => ({
  PAYMENT_RISK: version % 2 === 0 ? 'payment-risk@2' : 'payment-risk@3',
  ABUSE_SCORE: version % 2 === 0 ? 'abuse-score@1' : 'abuse-score@2',
})
const rules = (version: number) => {
  const { PAYMENT_RISK, ABUSE_SCORE } = models(version)
  return JSON.stringify({
    message: `version ${version}`,
    objectives: {
      RECOMMEND_TITLES: { default: 'title-recommender@3' },
      PREDICT_RATING: { default: 'rating-predictor@3' },
      PAYMENT_RISK: { default: PAYMENT_RISK },
      ABUSE_SCORE: { default: ABUSE_SCORE },
      SEARCH_TITLES: { default: 'title-search@2' },
    },
  })
}

let redis: RedisServer
let store: RuleStore
let subgraphs: readonly NodeProcess[] = []
let gateway: NodeProcess

beforeAll(async () => {
  process.env['PRESAGE_ENVELOPE_KEY'] = 'of-these-three-processes-only'
  redis = await RedisServer.start()
  const file = join(folder, 'rules.yaml')
  writeFileSync(file, rules(1))
  const section = { file, store: { redis: redis.url, create: true } }
  const configFile = writeConfig(({ server }) => ({
    rules: section,
    server: { ...server, timeout: 20_000 },
    shards: { main: { kind: 'thread', workers: 1, stallAfter: 10_000 } },
  }))
  subgraphs = await Promise.all(
    names.map((name) =>
      startNode(
        [presage, '--config', configFile, 'subgraph', name, '--port', '0'],
        /Presage serves \S+ at (\S+)/,
      ),
    ),
  )
  const urls = Object.fromEntries(names.map((name, at) => [name, { url: subgraphs[at].ready }]))
  const gatewayFile = writeConfig((config) => ({
    rules: section,
    gateway: { ...config.gateway, subgraphs: urls },
  }))
  gateway = await startNode(
    [presage, '--config', gatewayFile, 'gateway', '--port', '0'],
    /Presage serves (\S+)/,
  )
  store = await openRedisStore({ url: redis.url, commandTimeoutMs: 20_000 })
})

afterAll(async () => {
  await Promise.all([gateway, ...subgraphs].map((process) => process?.stop('SIGKILL')))
  await store?.dispose()
  await RedisServer.stopAll()
})

/** Both subgraphs are asked at once, and the second of them once more under another name. */
const query = `{ payments(first: 3) { risk { probability } } messages(first: 3) { abuse { probability } }
  more: messages(first: 2, skip: 5) { abuse { label } } }`

async function ask(url = gateway.ready): Promise<readonly ExplainEntry[]> {
  const headers = { 'content-type': 'application/json', 'x-presage-explain': '1' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const { errors, extensions } = (await response.json()) as {
    errors?: unknown
    extensions: { presage: { predictions: readonly ExplainEntry[] } }
  }
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return extensions.presage.predictions
}

/** Activates as soon as every process is prepared. */
async function activate(number: number): Promise<void> {
  await until(async () => {
    try {
      const head = await store.head()
      const expected = (head.kind === 'made' ? head.active?.number : undefined) ?? null
      if (expected === number) return true
      const { kind } = await store.activate(number, { expected, by: 'test' })
      return kind === 'activated'
    } catch (error) {
      // A busy machine misses the time of a command; the head tells what came of it.
      if ((error as { code?: string }).code !== 'STORE_UNREACHABLE') throw error
      return false
    }
  })
}

const decidedBy = (entries: readonly ExplainEntry[]) => [...new Set(entries.map(({ ruleSet }) => ruleSet))]
const skewed = async () => {
  const counts = subgraphs.map(({ ready }) =>
    readCounter(ready.replace(/graphql$/, 'metrics'), 'presage_rule_set_skew_total'),
  )
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}
const nodeOf = async (what: string) => (await store.leases()).find(({ node }) => node.includes(what))!

it('the gateway is a node that is prepared for what it has', async () => {
  await until(async () => (await store.leases()).length === 3)
  await activate(1)
  await until(async () => (await store.leases()).every(({ prepared }) => prepared.includes(1)))
  expect(await nodeOf('-gateway-')).toMatchObject({ inEffect: 1, prepared: [1], problems: {} })
  expect(decidedBy(await ask())).toEqual([1])
})

it('hundreds of activations while requests ask both: no answer is of two versions', async () => {
  const mixed: ExplainEntry[][] = []
  const failures: string[] = []
  const seen = new Map<unknown, number>()
  let isOver = false
  const clients = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      try {
        const entries = await ask()
        const [version, ...others] = decidedBy(entries)
        const leadsTo: Readonly<Record<string, string>> = models(version as number)
        const isRight = entries.every(({ objective, model }) => leadsTo[objective as string] === model)
        if (entries.length !== 3 || others.length > 0 || !isRight) mixed.push([...entries])
        seen.set(version, (seen.get(version) ?? 0) + 1)
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
  })
  let highest = 1
  for (let flip = 0; flip < 240; flip++) {
    if (flip % 15 === 0) {
      const outcome = await store.publish({ text: rules(highest + 1), author: 'test', message: '' })
      if (outcome.kind !== 'published') throw new Error(outcome.kind)
      highest = outcome.version.number
      await activate(highest)
    } else await activate(highest - (flip % 2))
  }
  isOver = true
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect(mixed).toEqual([])
  expect(seen.size).toBeGreaterThan(10)
  expect(await skewed()).toBe(0)
})

it('a version that is active only in the gateway decides, and so does one that is not any more', async () => {
  const { active } = (await store.head()) as { active: { number: number } }
  const { node } = await nodeOf('-gateway-')
  for (const number of [active.number - 1, active.number]) {
    await store.pin(node, number)
    await until(async () => (await nodeOf('-gateway-')).inEffect === number)
    expect(decidedBy(await ask())).toEqual([number])
    expect((await nodeOf('subgraph-trust')).inEffect).toBe(active.number)
  }
  await store.pin(node, null)
  expect(await skewed()).toBe(0)
})

it('a subgraph that is pinned keeps to its pin, and says that it was asked for another version', async () => {
  const { active } = (await store.head()) as { active: { number: number } }
  const pinned = active.number - 1
  const { node } = await nodeOf('subgraph-trust')
  await store.pin(node, pinned)
  await until(async () => (await nodeOf('subgraph-trust')).inEffect === pinned)
  const told = (await ask()).map(({ objective, ruleSet, skew }) => [objective, ruleSet, skew])
  expect(told).toEqual([
    ['ABUSE_SCORE', pinned, true],
    ['ABUSE_SCORE', pinned, true],
    ['PAYMENT_RISK', active.number, undefined],
  ])
  expect(await skewed()).toBe(1)
  await store.pin(node, null)
})
