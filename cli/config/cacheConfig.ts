import { z } from 'zod'
import { flag, positiveMilliseconds, strictShape, whole } from '../../lib/files/shapes'
import { redisName, redisUrl } from './shards/redisShapes'

const redisShape = strictShape({
  redis: redisUrl,
  name: redisName.default('cache').describe('Tells deployments apart that share one Redis.'),
  timeout: positiveMilliseconds
    .prefault('10ms')
    .describe('How long a request waits for Redis before it predicts without the cache.'),
})

/** The section `cache`: where to cache answers of objectives that set `cache`. */
export const cacheShape = strictShape({
  store: z
    .union([z.literal('memory'), redisShape], { error: 'must be memory or { redis: url }' })
    .default('memory')
    .describe('Where answers are kept: in each process, or in a Redis that processes share.'),
  bytes: whole(1)
    .default(64 * 1024 * 1024)
    .describe('Maximum memory of the answers in a process.'),
  // A V8 hash table holds some 16 million entries.
  entries: whole(1)
    .max(10_000_000, 'must be at most 10,000,000')
    .default(1_000_000)
    .describe('Maximum number of answers in the memory of a process.'),
  bypass: flag
    .default(false)
    .describe('Whether any client may bypass the cache; if not, only researchers may.'),
}).prefault({})
