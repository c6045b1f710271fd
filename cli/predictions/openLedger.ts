import type { RedisLedger } from '../../serving/rules/shared/redisLedger'
import type { Config } from '../config/config'
import { processCount } from '../processes/member'

/** Opens what counts rows for all processes; undefined if each counts its own. Does not wait for Redis. */
export function openLedger({ limits }: Config, log: (line: string) => void): RedisLedger | undefined {
  if (limits.shared === undefined) return undefined
  // Loaded lazily, so that the client takes no memory in a process without Redis.
  const { RedisLedger }: typeof import('../../serving/rules/shared/redisLedger') =
    require('../../serving/rules/shared/redisLedger')
  const { redis: url, name } = limits.shared
  return new RedisLedger({ url, name, processes: processCount, log })
}
