import { LoadError, PresageError } from '../../lib/errors'
import { pathInFile } from '../../lib/files/yamlPlaces'
import type { Config } from '../config/config'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { patienceMs } from './patience'
import { storeState } from './ruleStore'

/** A Redis that the configuration names, and the path of the setting. */
interface NamedRedis {
  readonly url: string
  readonly path: string
}

const rulesPath = 'rules.store.redis'

/** The Redis of the rule store, of the cache, and of shared limits, and those of shards. */
export function namedRedises({
  ruleStore: { place },
  cache: { store },
  limits: { shared },
  shards,
}: Config): readonly NamedRedis[] {
  const stores = [
    ...(place.kind === 'redis' ? [{ url: place.url, path: rulesPath }] : []),
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

/**
 * Checks that Redis answers a PING, and that of the rule store that rules can be had and changed there. The URL may hold
 * a password, so no message shows it.
 */
export async function checkRedis(
  { file, ruleStore: { place, create } }: Config,
  { url, path }: NamedRedis,
): Promise<string> {
  const at = pathInFile(file, path)
  // Loaded late, so that it takes no memory in a deployment without Redis.
  const { RedisConnection }: typeof import('../../lib/redis/redisConnection') =
    require('../../lib/redis/redisConnection')
  const redis = new RedisConnection({ url, commandTimeoutMs: patienceMs, what: 'Redis' })
  try {
    await redis.open()
    await redis.call((client) => client.ping())
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    throw new LoadError([`${at}: must be answered, got ${error.message}; start it, or correct the URL`])
  } finally {
    await redis.close()
  }
  if (path !== rulesPath || place.kind !== 'redis') return `${path} answers`
  return `${path} answers, and ${await checkStore(place, create, at)}`
}

/** What is in effect in the rule store. Throws a LoadError that says what keeps rules from being had, or changed. */
async function checkStore(
  { url, name }: Extract<RuleStoreConfig['place'], { readonly kind: 'redis' }>,
  create: boolean,
  at: string,
): Promise<string> {
  const { openRedisStore }: typeof import('../../routing/store/redisStore') =
    require('../../routing/store/redisStore')
  const store = await openRedisStore({ url, name, commandTimeoutMs: patienceMs })
  try {
    const state = await storeState(store, create, at)
    // The one runs a script, the other writes; neither changes anything that counts.
    await store.leases()
    await store.leave(nobody)
    return state
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    throw new LoadError([`${at}: must let rules be read and changed, got ${error.message}`])
  } finally {
    await store.dispose()
  }
}

/** A node that there is not. */
const nobody = 'presage-doctor'
