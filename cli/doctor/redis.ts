import { LoadError, PresageError } from '../../lib/errors'
import { placeInFile } from '../../lib/files/yamlPlaces'
import type { Config } from '../config/config'

/** A Redis that the configuration names, and the path of the setting. */
interface NamedRedis {
  readonly url: string
  readonly path: string
}

const patienceMs = 2_000

/** The Redis of the rule store, of the cache, and of shared limits, and those of shards. */
export function namedRedises({
  ruleStore: { place },
  cache: { store },
  limits: { shared },
  shards,
}: Config): readonly NamedRedis[] {
  const stores = [
    ...(place.kind === 'redis' ? [{ url: place.url, path: 'rules.store.redis' }] : []),
    ...(typeof store === 'object' ? [{ url: store.redis, path: 'cache.store.redis' }] : []),
    ...(shared === undefined ? [] : [{ url: shared.redis, path: 'limits.shared.redis' }]),
  ]
  const registers = Object.entries(shards).flatMap(([name, { members }]) =>
    members?.by === 'redis' && stores.every(({ url }) => url !== members.url)
      ? [{ url: members.url, path: `shards.${name}.redis.url` }]
      : [],
  )
  return [...stores, ...registers]
}

/** Checks that Redis answers a PING. The URL may hold a password, so no message shows it. */
export async function checkRedis({ file }: Config, { url, path }: NamedRedis): Promise<string> {
  // Loaded late, so that it takes no memory in a deployment without Redis.
  const { RedisConnection }: typeof import('../../lib/redis/redisConnection') =
    require('../../lib/redis/redisConnection')
  const redis = new RedisConnection({ url, commandTimeoutMs: patienceMs, what: 'Redis' })
  try {
    await redis.open()
    await redis.call((client) => client.ping())
    return `${path} answers`
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    throw new LoadError([
      `${placeInFile(file, path)}: ${path}: must be answered, got ${error.message}; start it, or correct the URL`,
    ])
  } finally {
    await redis.close()
  }
}
