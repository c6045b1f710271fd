import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { systemClock } from '../../../lib/clock'
import type { Found } from '../../../serving/cache/cacheStore'
import { type KeptRow, layoutFrom } from '../../../serving/cache/keptRow'
import { RedisStore } from '../../../serving/cache/redisStore'
import { CountedMetrics } from '../../support/countedMetrics'
import { startRedisCluster } from '../../support/redisCluster'
import { RedisServer } from '../../support/redisServer'
import { until } from '../../support/until'

const row = (value: number): KeptRow => ({
  layout: layoutFrom('[["y","uint8",1]]')!,
  bytes: Uint8Array.of(value),
})

let redis: RedisServer
const opened: RedisStore[] = []

function open({ timeoutMs = 60_000, name = 'test', url = redis.url } = {}) {
  const metrics = new CountedMetrics()
  const log: string[] = []
  // It stands still, so that a time of rest is not over because the machine stood still.
  const clock = { ...systemClock, time: 0, now: () => clock.time }
  const store = new RedisStore({
    ...{ url, name, timeoutMs, clock, metrics },
    log: (line) => log.push(line),
  })
  opened.push(store)
  const read = async (...keys: string[]): Promise<Found> => store.read(keys, clock.now() + 60_000)
  return {
    ...{ store, clock, metrics, log, read },
    errors: () => metrics.bySeries('presage_cache_errors_total'),
    values: async (...keys: string[]) => (await read(...keys)).map((found) => found?.bytes[0]),
    /** As if its time of rest were over. */
    rested: () => {
      clock.time += 1_001
    },
  }
}

/** Opens one and waits until Redis answers it. */
async function connected(options: Parameters<typeof open>[0] = {}) {
  const one = open(options)
  await until(async () => {
    await one.read('any')
    if (Object.keys(one.errors()).length === 0) return true
    one.rested()
    return one.log.includes('the prediction cache answers again')
  })
  return one
}

beforeEach(async () => {
  redis = await RedisServer.start([])
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.dispose()))
  await RedisServer.stopAll()
})

test('rows are kept in a cluster, where a request asks for many at once', async () => {
  const { lower } = await startRedisCluster()
  // The slot of this name is not at the node of the URL.
  const { store, values } = await connected({ url: lower.url, name: 'rules' })
  store.write(['a', 'b', 'c'], [row(1), row(2), row(3)], 60_000)
  await until(async () => (await values('c'))[0] === 3)
  expect(await values('a', 'x', 'b')).toEqual([1, undefined, 2])
})

test('what one process keeps another one finds, under the name of their deployment', async () => {
  const one = await connected()
  const other = await connected()
  const stranger = await connected({ name: 'other' })
  one.store.write(['a', 'b'], [row(1), row(2)], 60_000)
  await until(async () => (await other.values('a'))[0] === 1)
  const found = await other.read('b', 'x', 'a')
  expect(found).toEqual([row(2), undefined, row(1)])
  expect(found[0]!.layout).toBe(row(2).layout)
  expect(await stranger.values('a', 'b')).toEqual([undefined, undefined])
})

test('Redis itself forgets it when its time is over', async () => {
  const { store, values } = await connected()
  const client = new Redis(redis.url)
  store.write(['a'], [row(1)], 60_000.5)
  await until(async () => (await values('a'))[0] === 1)
  const left = await client.pttl('presage:{test}:a')
  expect(left).toBeGreaterThan(30_000)
  expect(left).toBeLessThanOrEqual(60_001)
  await client.pexpire('presage:{test}:a', 0)
  expect(await values('a')).toEqual([undefined])
  client.disconnect()
})

test('one that is slow is waited for as long as the configuration says', async () => {
  const { store, values } = await connected({ timeoutMs: 60_000 })
  store.write(['a'], [row(1)], 60_000)
  await until(async () => (await values('a'))[0] === 1)
  redis.signal('SIGSTOP')
  const found = values('a')
  // Longer than a command has at least.
  await wait(600)
  redis.signal('SIGCONT')
  expect(await found).toEqual([1])
})

test('what is no row is not one, and counts', async () => {
  const { errors, values, store } = await connected()
  const client = new Redis(redis.url)
  await client.set('presage:{test}:a', 'nonsense')
  store.write(['b'], [row(2)], 60_000)
  await until(async () => (await values('b'))[0] === 2)
  const before = errors()['reason=malformed'] ?? 0
  expect(await values('a', 'b')).toEqual([undefined, 2])
  expect((errors()['reason=malformed'] ?? 0) - before).toBe(1)
  client.disconnect()
})

test('a Redis that hangs is waited for once, then left alone for a second, and taken up again', async () => {
  const { store, clock, metrics, log, errors, read, values, rested } = await connected({ timeoutMs: 30 })
  const failures = () => (errors()['reason=timeout'] ?? 0) + (errors()['reason=unreachable'] ?? 0)
  store.write(['a'], [row(1)], 60_000)
  await until(async () => {
    rested()
    return (await values('a'))[0] === 1
  })
  const before = failures()
  const lines = log.length
  redis.signal('SIGSTOP')
  expect(await read('a', 'b')).toEqual([undefined, undefined])
  expect(failures()).toBe(before + 1)
  expect(log.slice(lines)).toEqual([
    'the prediction cache does not answer, so predictions run without it: no answer within 30 ms',
  ])
  // Now nothing is even asked: no promise, no command.
  expect(store.read(['a'], clock.now() + 60_000)).toEqual([undefined])
  store.write(['a'], [row(2)], 60_000)
  expect(failures()).toBe(before + 1)
  expect(metrics.read('presage_cache_errors_total')).toBe(before + 1)
  redis.signal('SIGCONT')
  await until(async () => {
    rested()
    return (await values('a'))[0] === 1
  })
  expect(log.at(-1)).toBe('the prediction cache answers again')
})

test('a request in a hurry does not wait for it, and says nothing of it', async () => {
  const { store, clock, errors } = await connected()
  const before = errors()
  redis.signal('SIGSTOP')
  expect(await store.read(['a'], clock.now() + 5)).toEqual([undefined])
  expect(await store.read(['a'], clock.now() - 5)).toEqual([undefined])
  expect(errors()).toEqual(before)
  redis.signal('SIGCONT')
})

test('one that hangs is left alone too where every request is in a hurry', async () => {
  const { store, clock, errors, log } = await connected({ timeoutMs: 1_000 })
  const before = errors()['reason=unreachable'] ?? 0
  redis.signal('SIGSTOP')
  expect(await store.read(['a'], clock.now() + 5)).toEqual([undefined])
  // The command itself has failed by then.
  await until(() => errors()['reason=unreachable'] === before + 1)
  expect(store.read(['a'], clock.now() + 5)).toEqual([undefined])
  expect(log.at(-1)).toMatch(/^the prediction cache does not answer, so predictions run without it: /)
  redis.signal('SIGCONT')
})

test('a Redis that dies costs nobody more than what they ask, and is found again', async () => {
  const { store, errors, values, rested, log } = await connected()
  await redis.kill()
  await until(async () => {
    rested()
    await values('a')
    return (errors()['reason=unreachable'] ?? 0) > 0
  })
  expect(log.at(-1)).toMatch(
    /^the prediction cache does not answer, so predictions run without it: .*the prediction cache at 127.0.0.1:\d+: /,
  )
  await redis.start()
  await until(async () => {
    rested()
    store.write(['a'], [row(1)], 60_000)
    return (await values('a'))[0] === 1
  })
})

test('a Redis that is full still answers what it has', async () => {
  const { store, errors, values } = await connected()
  store.write(['a'], [row(1)], 60_000)
  await until(async () => (await values('a'))[0] === 1)
  const client = new Redis(redis.url)
  await client.config('SET', 'maxmemory', '1')
  store.write(['b'], [row(2)], 60_000)
  await until(() => errors()['reason=write-failed'] === 1)
  expect(await values('a', 'b')).toEqual([1, undefined])
  client.disconnect()
})

/** The URL of Redis for a user with these rights. */
async function userWith(...rights: string[]): Promise<string> {
  const client = new Redis(redis.url)
  await client.call('acl', 'setuser', 'cache', 'on', '>secret', '~presage:{test}:*', ...rights)
  client.disconnect()
  return redis.url.replace('redis://', 'redis://cache:secret@')
}

test('a user with the rights of docs/cache.md can do all that is needed, and nothing is said', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
  const { store, log, values } = await connected({ url: await userWith('+mget', '+set') })
  log.length = 0
  store.write(['a'], [row(1)], 60_000)
  await until(async () => (await values('a'))[0] === 1)
  expect([log, warn.mock.calls]).toEqual([[], []])
  warn.mockRestore()
})

test('a user who may not write is told so once, and what was kept is found', async () => {
  const writer = await connected()
  writer.store.write(['a'], [row(1)], 60_000)
  await until(async () => (await writer.values('a'))[0] === 1)
  const { store, log, errors, values } = await connected({ url: await userWith('+mget') })
  log.length = 0
  for (const count of [1, 2]) {
    store.write(['b'], [row(2)], 60_000)
    await until(() => errors()['reason=write-failed'] === count)
  }
  expect(log).toEqual([expect.stringMatching(/^the prediction cache keeps no new answers: NOPERM .*'set'/)])
  expect(await values('a', 'b')).toEqual([1, undefined])
})
