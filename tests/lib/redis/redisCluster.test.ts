import { Redis } from 'ioredis'
import { RedisConnection } from '../../../lib/redis/redisConnection'
import { type RedisCluster, startRedisCluster } from '../../support/redisCluster'
import { RedisServer } from '../../support/redisServer'
import { until } from '../../support/until'

let cluster: RedisCluster
let connection: RedisConnection
/** Of the upper half of the slots, where the URL does not lead. */
const key = 'presage:{rules}:a'

beforeAll(async () => {
  cluster = await startRedisCluster()
})
afterAll(() => RedisServer.stopAll())
beforeEach(async () => {
  connection = new RedisConnection({ url: cluster.lower.url, commandTimeoutMs: 5_000 })
  await connection.open()
})
afterEach(() => connection.close())

test('commands go to the node that has the keys, those that come together too, and each is done once', async () => {
  const counted = await Promise.all(
    Array.from({ length: 20 }, () => connection.call((client) => client.incr(key))),
  )
  expect(counted.sort((one, other) => one - other)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
  const upper = new Redis(cluster.upper.url)
  expect(await upper.get(key)).toBe('20')
  upper.disconnect()
})

test('a message reaches whoever listens by another node', async () => {
  let told = 0
  connection.subscribe('channel', () => told++)
  await until(() => told === 1)
  await connection.call((client) =>
    client.eval(`return redis.call('publish', ARGV[1], '')`, 1, key, 'channel'),
  )
  await until(() => told === 2)
})

test('a node that does not say its host is another port of the same', async () => {
  const lower = new Redis(cluster.lower.url)
  await lower.config('SET', 'cluster-preferred-endpoint-type', 'unknown-endpoint')
  await expect(lower.get(key)).rejects.toThrow(`MOVED 13076 :${cluster.upper.port}`)
  lower.disconnect()
  expect(await connection.call((client) => client.set(key, 'here'))).toBe('OK')
})

test('when the node is lost, the one in its place is found by the URL', async () => {
  await connection.call((client) => client.set(key, 'kept'))
  const upper = new Redis(cluster.upper.url)
  await upper.wait(1, 0)
  upper.disconnect()
  await cluster.failOver()
  const value = () => connection.call((client) => client.get(key)).catch(() => undefined)
  await until(async () => (await value()) === 'kept')
  await connection.call((client) => client.set(key, 'written'))
  expect(await value()).toBe('written')
})
