import type { RedisServer } from '../../support/redisServer'
import { redisCommand } from '../stage/redisCommand'
import type { Trouble } from '../trouble'
import { redisTrouble } from './redisTrouble'

const replicaOf = (redis: RedisServer, ...primary: [string, string]) =>
  redisCommand(redis.port, 'REPLICAOF', ...primary)

/** What may happen to the Redis of rules and prediction cache, by the name that the command takes. */
export const redisTroubles: Readonly<Record<string, Trouble>> = {
  'killed-redis': redisTrouble({
    title: 'SIGKILL of Redis, started again with what it wrote',
    begin: (redis) => redis.kill(),
    end: (redis) => redis.start(),
    reasons: ['unreachable', 'timeout'],
  }),
  'frozen-redis': redisTrouble({
    title: 'SIGSTOP of Redis, later SIGCONT',
    begin: (redis) => redis.signal('SIGSTOP'),
    end: (redis) => redis.signal('SIGCONT'),
    reasons: ['timeout'],
  }),
  'slow-redis': redisTrouble({
    title: 'each message from and to Redis is 400 ms late',
    begin: (_, wire) => {
      wire.delayMs = 400
    },
    end: (_, wire) => {
      wire.delayMs = 0
    },
    reasons: ['timeout'],
  }),
  'cut-redis': redisTrouble({
    title: 'connections to Redis are cut, and none can be made',
    isShort: true,
    begin: (_, wire) => wire.cut(),
    end: (_, wire) => wire.mend(),
    reasons: ['unreachable', 'timeout'],
  }),
  'read-only-redis': redisTrouble({
    title: 'Redis becomes a replica of a host that cannot be reached, and takes no writes',
    begin: (redis) => replicaOf(redis, '127.0.0.1', '1'),
    end: (redis) => replicaOf(redis, 'NO', 'ONE'),
    reasons: ['write-failed'],
  }),
}
