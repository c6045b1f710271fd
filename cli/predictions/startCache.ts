import type { Clock } from '../../lib/clock'
import type { Metrics } from '../../lib/metrics'
import type { Objective } from '../../models/contracts/objective'
import type { CacheStore } from '../../serving/cache/cacheStore'
import { MemoryStore } from '../../serving/cache/memoryStore'
import { PredictionCache } from '../../serving/cache/predictionCache'
import type { Config } from '../config/config'

export interface CacheTools {
  readonly clock: Clock
  readonly metrics: Metrics
  /** One line for the operator. */
  readonly log: (line: string) => void
}

/**
 * The cache of a process; none if none of its objectives has answers kept. An objective that comes later is asked by no field before
 * the next start.
 */
export function startCache(
  config: Config,
  objectives: ReadonlyMap<string, Objective>,
  tools: CacheTools,
): PredictionCache | undefined {
  const isWanted = [...objectives.values()].some(({ cacheTtlMs }) => cacheTtlMs !== undefined)
  return isWanted ? new PredictionCache({ store: openStore(config, tools), ...tools }) : undefined
}

/** Redis is not waited for: until it is there, predictions are made without it. */
function openStore({ cache }: Config, tools: CacheTools): CacheStore {
  const { store } = cache
  if (store === 'memory')
    return new MemoryStore({ maxEntries: cache.entries, maxBytes: cache.bytes, ...tools })
  // Its client would stay in the memory of every process that has no Redis.
  const {
    RedisStore,
  }: typeof import('../../serving/cache/redisStore') = require('../../serving/cache/redisStore')
  return new RedisStore({ url: store.redis, name: store.name, timeoutMs: store.timeout, ...tools })
}
