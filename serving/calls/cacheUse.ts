import type { Segment, Shard } from '../../workers/shard'

/**
 * How a row of an objective with a cache was answered.
 *
 * - `hit`: from the cache. `miss`: predicted, and cached from now on.
 * - `shared`: predicted by another request at that moment.
 * - `bypass`: predicted because the client bypassed the cache; not cached.
 */
export type CacheUse = 'hit' | 'miss' | 'shared' | 'bypass'

/** A segment of a shard or of cached rows. `cache` is set only if the request asks for explanations. */
export type CachedSegment = Segment & { readonly cache?: CacheUse }

/** Answers distinct rows: a shard, or a shard with a cache in front. */
export interface RowTaker {
  submit(...asked: Parameters<Shard['submit']>): Promise<readonly CachedSegment[]>
}
