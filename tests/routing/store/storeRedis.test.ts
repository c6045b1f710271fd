import { Redis } from 'ioredis'
import { openRedisStore as openStore } from '../../../routing/store/redisStore'
import { publication, report, ruleStoreContract } from '../../contracts/ruleStore'
import { brokenHeads, brokenReports } from '../../support/brokenStores'
import { startRedisCluster } from '../../support/redisCluster'
import { RedisServer } from '../../support/redisServer'
import { until } from '../../support/until'

let server: RedisServer
let redis: Redis

/** Waits as long as a machine may stand still. */
const openRedisStore: typeof openStore = (options) => openStore({ commandTimeoutMs: 60_000, ...options })

beforeAll(async () => {
  server = await RedisServer.start()
  redis = new Redis(server.url)
})

afterAll(async () => {
  redis.disconnect()
  await RedisServer.stopAll()
})

describe('redis', () => redisContract(() => ({ url: server.url, redis })))

describe('redis cluster, by a node that does not have the keys', () => {
  let url: string
  let upper: Redis

  beforeAll(async () => {
    const cluster = await startRedisCluster()
    url = cluster.lower.url
    upper = new Redis(cluster.upper.url)
  })
  afterAll(() => upper.disconnect())

  redisContract(() => ({ url, redis: upper }))
})

/** `redis` is where the keys are. */
function redisContract(place: () => { readonly url: string; readonly redis: Redis }): void {
  ruleStoreContract(async () => {
    const { url, redis } = place()
    await redis.flushall()
    return {
      open: () => openRedisStore({ url }),
      empty: async () => {
        await redis.flushall()
      },
      async loseTexts() {
        await redis.del('presage:{rules}:texts')
      },
      async remember() {
        const keys = await redis.keys('*')
        const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)))
        return async () => {
          await redis.flushall()
          for (const [i, key] of keys.entries()) await redis.restore(key, 0, dumps[i]!)
        }
      },
      close: async () => {},
    }
  })
}

test('all keys are of one hash slot, and deployments of other names do not meet', async () => {
  await redis.flushall()
  const one = await openRedisStore({ url: server.url })
  const other = await openRedisStore({ url: server.url, name: 'staging' })
  await one.create(publication(1))
  await one.report(report('a', [1]), 60_000)
  expect((await redis.keys('*')).sort()).toEqual(
    ['head', 'infos', 'nodes', 'texts'].map((end) => `presage:{rules}:${end}`),
  )
  expect(await other.head()).toMatchObject({ kind: 'nothing' })
  await Promise.all([one.dispose(), other.dispose()])
})

test('of many who create a store at once one does, and the others find it there', async () => {
  const kinds = new Set<string>()
  for (let round = 0; round < 20; round++) {
    await redis.flushall()
    const stores = await Promise.all(Array.from({ length: 8 }, () => openRedisStore({ url: server.url })))
    for (const { kind } of await Promise.all(stores.map((store) => store.create(publication(1)))))
      kinds.add(kind)
    await Promise.all(stores.map((store) => store.dispose()))
  }
  expect([...kinds].sort()).toEqual(['created', 'there already'])
})

test.each([
  ['versions', []],
  ['texts', ['presage:{rules}:infos']],
])('%s without a head are what is left of a store: it is not made anew', async (_, gone) => {
  await redis.flushall()
  const store = await openRedisStore({ url: server.url })
  await store.create(publication(1))
  await store.publish(publication(2))
  await redis.del('presage:{rules}:head', ...gone)
  const lost = { kind: 'nothing there', floor: { number: 2, epoch: 0 } }
  expect(await store.create(publication(9))).toEqual(lost)
  expect(await store.publish(publication(9))).toEqual(lost)
  await store.dispose()
})

test.each([
  ['nothing is kept', [], /neither appendonly nor save is on/],
  [
    'keys may be evicted',
    ['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru'],
    /allkeys-lru, which may evict/,
  ],
  [
    'it may not be asked',
    ['--appendonly', 'yes', '--rename-command', 'CONFIG', ''],
    /cannot tell .*unknown command/,
  ],
])('where %s in Redis, one line says so', async (_, settings, expected) => {
  const careless = await RedisServer.start(settings)
  let warn = (_line: string) => {}
  const warned = new Promise<string>((resolve) => {
    warn = resolve
  })
  const store = await openRedisStore({ url: careless.url, warn: (line) => warn(line) })
  const line = await warned
  expect(line).toMatch(expected)
  expect(line).toContain(`127.0.0.1:${careless.port}`)
  await store.dispose()
  await careless.stop()
})

test('where Redis keeps what it has, nothing is said', async () => {
  const lines: string[] = []
  const store = await openRedisStore({ url: server.url, warn: (line) => lines.push(line) })
  for (let i = 0; i < 5; i++) await store.head()
  await store.dispose()
  expect(lines).toEqual([])
})

test('a Redis that is away, or that refuses the password, is named without it', async () => {
  const locked = await RedisServer.start(['--requirepass', 'right'])
  const address = `127.0.0.1:${locked.port}`
  const store = await openRedisStore({ url: `redis://:wrong-secret@${address}/2` })
  const refused = await store.head().catch((error) => error)
  expect(refused).toMatchObject({
    code: 'STORE_UNREACHABLE',
    message: expect.stringContaining(`${address}/2: WRONGPASS`),
  })
  await locked.stop()
  const away = await openRedisStore({ url: `redis://:wrong-secret@${address}/2` })
  const unreachable = await away.head().catch((error) => error)
  expect(unreachable).toMatchObject({
    code: 'STORE_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  })
  expect(`${refused.message} ${unreachable.message}`).not.toContain('wrong-secret')
  await Promise.all([store.dispose(), away.dispose()])
})

test('a database that Redis does not have is a failed connection, not database 0', async () => {
  const store = await openRedisStore({ url: `${server.url}/99` })
  await expect(store.head()).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
    message: expect.stringMatching(/\/99: ERR DB index is out of range$/),
  })
  await store.dispose()
})

test('a user who may do what docs/operations.md says can do all that is needed', async () => {
  await redis.flushall()
  const rights = '+@read +@write +@pubsub +@scripting +@connection +time +info +config|get'
  await redis.call(
    'acl',
    'setuser',
    'presage',
    'on',
    '>secret',
    '~presage:{rules}:*',
    '&presage:{rules}:*',
    ...rights.split(' '),
  )
  const lines: string[] = []
  const url = server.url.replace('redis://', 'redis://presage:secret@')
  const store = await openRedisStore({ url, warn: (line) => lines.push(line) })
  const told = new Promise<void>((resolve) => store.subscribe(resolve))
  await store.create(publication(1))
  await store.report(report('a', [1]), 60_000)
  expect(await store.leases()).toHaveLength(1)
  expect(await store.get(1)).toMatchObject({ number: 1 })
  expect(await store.history()).toHaveLength(1)
  await store.leave('a')
  await told
  expect(lines).toEqual([])
  await store.dispose()
})

test('a user without the channel changes the store, and one line says that nobody is notified', async () => {
  await redis.flushall()
  const rights = '+@read +@write +@pubsub +@scripting +@connection +time +info +config|get resetchannels'
  await redis.call('acl', 'setuser', 'nochan', 'on', '>secret', '~presage:{rules}:*', ...rights.split(' '))
  const url = server.url.replace('redis://', 'redis://nochan:secret@')
  const lines: string[] = []
  const store = await openRedisStore({ url, warn: (line) => lines.push(line) })
  try {
    store.subscribe(() => {})
    await until(() => lines.length > 0)
    expect(lines[0]).toBe(
      `the rule store at 127.0.0.1:${server.port}: the channel presage:{rules}:changes cannot be listened to (NOPERM ` +
        'this user has no permissions to access one of the channels used as arguments; its user needs +@read +@write ' +
        '+@pubsub +@scripting +@connection +time +info ~presage:{rules}:* &presage:{rules}:*), so changes are seen by polling only',
    )
    expect(await store.create(publication(1))).toMatchObject({ kind: 'created' })
    expect(await store.publish(publication(2))).toMatchObject({ kind: 'published' })
    expect(await store.activate(2, { expected: 1, by: 'ada' })).toMatchObject({ kind: 'activated' })
    expect(await store.pin('a', 1)).toMatchObject({ kind: 'pinned' })
    expect(await store.rollback({ by: 'ada' })).toMatchObject({ kind: 'rolled back', active: { number: 1 } })
    store.subscribe(() => {})
    await store.head()
    expect(lines).toHaveLength(1)
  } finally {
    await store.dispose()
  }
})

test('who may only read sees the nodes, also while there are reports that are over', async () => {
  await redis.flushall()
  const rights = '~presage:{rules}:* resetchannels +@read +@scripting +@connection +time +info'
  await redis.call('acl', 'setuser', 'reader', 'on', '>secret', ...rights.split(' '))
  const [writer, reader] = await Promise.all([
    openRedisStore({ url: server.url }),
    openRedisStore({ url: server.url.replace('redis://', 'redis://reader:secret@') }),
  ])
  try {
    await writer.report(report('a', [1]), 60_000)
    await writer.report(report('b', [1]), -1)
    expect(await reader.leases()).toMatchObject([{ node: 'a' }])
  } finally {
    await Promise.all([writer.dispose(), reader.dispose()])
  }
})

const garbage = ['', 'nonsense', 'null', '7', '[]', '{}', '{"kind":"made"}', '{"kind":"nothing"}']

test.each([...garbage, ...brokenHeads.map((head) => JSON.stringify(head))])(
  'a head that is none is told with its key, and nothing is written over it: %s',
  async (text) => {
    await redis.flushall()
    const store = await openRedisStore({ url: server.url })
    const key = 'presage:{rules}:head'
    await redis.set(key, text)
    const refusal = {
      code: 'STORE_UNREACHABLE',
      message: expect.stringMatching(
        /^the rule store at \S+: presage:\{rules\}:head must be the head of a rule store, got /,
      ),
    }
    await expect(store.head()).rejects.toMatchObject(refusal)
    await expect(store.create(publication(1))).rejects.toMatchObject(refusal)
    expect(await redis.get(key)).toBe(text)
    await store.dispose()
  },
)

test('versions and reports that are none hide no others', async () => {
  await redis.flushall()
  const store = await openRedisStore({ url: server.url })
  await store.create(publication(1))
  await store.report(report('a', [1]), 60_000)
  const odd = [...garbage, ...brokenReports.map((report) => JSON.stringify(report))]
  for (const [at, text] of odd.entries()) {
    await redis.hset('presage:{rules}:infos', `${100 + at}`, text)
    await redis.hset('presage:{rules}:nodes', `odd-${at}`, text)
    await redis.hset('presage:{rules}:nodes', `leased-${at}`, `99999999999999 writer ${text}`)
    await redis.hset('presage:{rules}:texts', `${100 + at}`, text)
  }
  expect((await store.history()).map(({ number }) => number)).toEqual([1])
  expect((await store.leases()).map(({ node }) => node)).toEqual(['a'])
  for (const at of odd.keys()) expect(await store.get(100 + at)).toBeUndefined()
  await store.dispose()
})
