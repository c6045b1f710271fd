import type { Segment, Shard } from '../../workers/shard'

/**
 * How a row of an objective with a cache came to its answer.
 *
 * - `hit`: the cache had it. `miss`: it was made, and is kept from now on.
 * - `shared`: another request was asking the same at that moment.
 * - `bypass`: it was made because the client would have nothing else; nothing is kept of it.
 */
export type CacheUse = 'hit' | 'miss' | 'shared' | 'bypass'

/** A shard's segment, or one like it of rows that the cache had; `cache` only where the request is explained. */
export type CachedSegment = Segment & { readonly cache?: CacheUse }

/** Who answers distinct rows: a shard, or one with a cache before it. */
export interface RowTaker {
  submit(...asked: Parameters<Shard['submit']>): Promise<readonly CachedSegment[]>
}
