import { pathInFile } from '../../lib/files/yamlPlaces'
import type { Objective } from '../../models/contracts/objective'
import type { CacheStore } from '../../serving/cache/cacheStore'
import { MemoryStore } from '../../serving/cache/memoryStore'
import { PredictionCache, type PredictionCacheParts } from '../../serving/cache/predictionCache'
import type { Config } from '../config/config'

type CacheTools = Omit<PredictionCacheParts, 'store'> & { readonly log: (line: string) => void }

/** Undefined if no objective uses it. An objective that is added later has none before the next start. */
export function startCache(
  config: Config,
  objectives: ReadonlyMap<string, Objective>,
  tools: CacheTools,
): PredictionCache | undefined {
  const isWanted = [...objectives.values()].some(({ cacheTtlMs }) => cacheTtlMs !== undefined)
  return isWanted ? new PredictionCache({ store: openStore(config, tools), ...tools }) : undefined
}

/** Does not wait for Redis: until it connects, predictions run without the cache. */
function openStore({ file, cache }: Config, tools: CacheTools): CacheStore {
  const { store } = cache
  if (store === 'memory')
    return new MemoryStore({ maxEntries: cache.entries, maxBytes: cache.bytes, ...tools })
  // Loaded lazily, so that the client takes no memory in a process without Redis.
  const {
    RedisStore,
  }: typeof import('../../serving/cache/redisStore') = require('../../serving/cache/redisStore')
  const at = pathInFile(file, 'cache.store.redis')
  const log = (line: string) => tools.log(`${at}: ${line}`)
  return new RedisStore({ url: store.redis, name: store.name, timeoutMs: store.timeout, ...tools, log })
}
