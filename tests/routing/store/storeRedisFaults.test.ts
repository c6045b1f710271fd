import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readNodeCopy } from '../../../routing/store/nodeCopy'
import { openRedisStore } from '../../../routing/store/redisStore'
import type { RuleSetVersion } from '../../../routing/store/ruleSetVersion'
import type { RuleStore } from '../../../routing/store/ruleStore'
import { publication } from '../../contracts/ruleStore'
import { RedisServer } from '../../support/redisServer'
import { RuleNodeProcess } from '../../support/ruleNodeProcess'
import { until } from '../../support/until'

const names = ['a', 'b', 'c', 'd']
const folder = mkdtempSync(join(tmpdir(), 'presage-nodes-'))
let server: RedisServer
let store: RuleStore
let nodes: RuleNodeProcess[]

const fileOf = (name: string) => join(folder, String(server.port), `${name}.json`)
const all = (kind: 'current' | 'stale', number: number) =>
  Promise.all(nodes.map((node) => node.serves(number, kind)))
const answers = () => Promise.all(nodes.map((node) => node.ask()))

/** Tries again while the store cannot be reached: what a person would do. */
async function insist<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if ((error as { code?: string }).code !== 'STORE_UNREACHABLE') throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const publish = (number: number) => insist(() => store.publish(publication(number)))
const activate = async (number: number, expected: number) => {
  for (;;) {
    const outcome = await insist(() => store.activate(number, { expected, by: 'ada' }))
    if (outcome.kind !== 'not prepared') return outcome
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

beforeEach(async () => {
  server = await RedisServer.start()
  store = await openRedisStore({ url: server.url, commandTimeoutMs: 60_000 })
  await insist(() => store.create(publication(1)))
  nodes = await Promise.all(names.map((name) => RuleNodeProcess.start(name, server.url, fileOf(name))))
  await all('current', 1)
})

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.kill()))
  await store.dispose()
  await server.stop()
})

afterAll(() => RedisServer.stopAll())

test('Redis is killed and comes back: nodes serve on, then follow, and numbers go on', async () => {
  await publish(2)
  await activate(2, 1)
  await all('current', 2)
  await server.kill()
  await all('stale', 2)
  expect(await answers()).toEqual([2, 2, 2, 2])
  await expect(store.publish(publication(3))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  await server.start()
  await all('current', 2)
  expect(await publish(3)).toMatchObject({ version: { number: 3 } })
  await activate(3, 2)
  await all('current', 3)
})

test('Redis is frozen: it counts as unreachable, and when it goes on so do the nodes', async () => {
  const hasty = await openRedisStore({ url: server.url, commandTimeoutMs: 300 })
  server.signal('SIGSTOP')
  await all('stale', 1)
  expect(await answers()).toEqual([1, 1, 1, 1])
  await expect(hasty.head()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  server.signal('SIGCONT')
  await hasty.dispose()
  await all('current', 1)
  await publish(2)
  await activate(2, 1)
  await all('current', 2)
})

test('Redis comes back empty: nodes serve on until it is restored, with every version and above every number', async () => {
  for (const number of [2, 3]) await publish(number)
  await activate(3, 1)
  await all('current', 3)
  await publish(4)
  await nodes[2].until(({ status }) => status?.prepared.includes(4) === true)
  const before = await insist(() => store.history())
  await server.kill()
  server.forget()
  await server.start()
  await Promise.all(
    nodes.map((node) =>
      node.until(({ status }) => status?.state.kind === 'stale' && status.state.cause === 'lost'),
    ),
  )
  expect(await answers()).toEqual([3, 3, 3, 3])
  expect(await publish(5)).toMatchObject({ kind: 'nothing there', floor: { number: 4, epoch: 2 } })
  const copy = readNodeCopy(fileOf('c'))!
  expect(await insist(() => store.restore(copy, 'ada'))).toMatchObject({
    kind: 'restored',
    active: { number: 3, epoch: 3 },
  })
  await all('current', 3)
  expect(await insist(() => store.history())).toEqual(before)
  expect(await publish(5)).toMatchObject({ version: { number: 5 } })
  await activate(5, 3)
  await all('current', 5)
})

test('a node that is started while Redis is away serves what it served last, and follows when Redis is back', async () => {
  await publish(2)
  await activate(2, 1)
  await all('current', 2)
  await server.kill()
  await all('stale', 2)
  await nodes[0].kill()
  nodes[0] = await RuleNodeProcess.start('a', server.url, fileOf('a'))
  expect(nodes[0].status).toMatchObject({ inEffect: { number: 2, epoch: 2 }, state: { kind: 'stale' } })
  expect(await nodes[0].ask()).toBe(2)
  await server.start()
  await all('current', 2)
})

test('a node that is started while Redis is frozen serves too, and follows when Redis goes on', async () => {
  await nodes[0].kill()
  server.signal('SIGSTOP')
  nodes[0] = await RuleNodeProcess.start('a', server.url, fileOf('a'))
  expect(nodes[0].status).toMatchObject({ inEffect: { number: 1 }, state: { kind: 'stale' } })
  server.signal('SIGCONT')
  await all('current', 1)
  await publish(2)
  await activate(2, 1)
  await all('current', 2)
})

test('while Redis is killed again and again, no number is given twice and nothing that was acknowledged is lost', async () => {
  const acknowledged: RuleSetVersion[] = []
  let isOver = false
  const publishers = Array.from({ length: 4 }, async (_, i) => {
    const mine = await openRedisStore({ url: server.url, commandTimeoutMs: 300 })
    for (let n = 0; !isOver; n++) {
      const outcome = await insist(() => mine.publish(publication(i * 1_000_000 + n)))
      if (outcome.kind !== 'published') throw new Error(outcome.kind)
      acknowledged.push(outcome.version)
    }
    await mine.dispose()
  })
  for (let round = 1; round <= 3; round++) {
    await until(() => acknowledged.length >= round * 20)
    await server.kill()
    await server.start()
  }
  await until(() => acknowledged.length >= 100)
  isOver = true
  await Promise.all(publishers)
  expect(new Set(acknowledged.map(({ number }) => number)).size).toBe(acknowledged.length)
  for (const version of acknowledged) expect(await insist(() => store.get(version.number))).toEqual(version)
  const { number } = acknowledged[acknowledged.length - 1]
  await activate(number, 1)
  await all('current', number)
})

test('every flip takes effect in every process, in order', async () => {
  await publish(2)
  const called: number[] = []
  for (let flip = 0; flip < 50; flip++) {
    const [to, from] = flip % 2 === 0 ? [2, 1] : [1, 2]
    called.push(to)
    await activate(to, from)
    await all('current', to)
  }
  for (const { activated } of nodes) {
    expect(activated.slice(1)).toEqual(called)
  }
})

test('who has subscribed is told again after Redis was away, without looking', async () => {
  let told = 0
  const watching = await openRedisStore({ url: server.url })
  watching.subscribe(() => {
    told++
  })
  try {
    await until(() => told > 0)
    await server.kill()
    const beforeStart = told
    await server.start()
    await until(() => told > beforeStart)
    const beforePublication = told
    await publish(2)
    await until(() => told > beforePublication)
  } finally {
    await watching.dispose()
  }
})
