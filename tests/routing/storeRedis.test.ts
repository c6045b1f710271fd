import { Redis } from 'ioredis'
import { openRedisStore } from '../../routing/store/redisStore'
import { ruleStoreContract } from '../contracts/ruleStore'
import { RedisServer } from '../support/redisServer'

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  redis = new Redis(server.url)
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

describe('redis', () => {
  ruleStoreContract(async () => {
    await redis.flushall()
    return {
      open: () => openRedisStore({ url: server.url, commandTimeoutMs: 5_000 }),
      empty: async () => {
        await redis.flushall()
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
})
