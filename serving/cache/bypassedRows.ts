import type { CachedSegment, RowTaker } from '../calls/cacheUse'
import type { CacheSpace } from './cacheSpace'

/**
 * A shard for a request that bypasses the cache: it neither reads nor stores answers, and does not wait for rows of
 * other requests.
 */
export class BypassedRows implements RowTaker {
  constructor(
    private readonly space: CacheSpace,
    private readonly taker: RowTaker,
    private readonly isExplained: boolean,
  ) {}

  async submit(...asked: Parameters<RowTaker['submit']>): Promise<readonly CachedSegment[]> {
    const [, , rows] = asked
    this.space.bypassed(rows)
    const segments = await this.taker.submit(...asked)
    return this.isExplained ? segments.map((segment) => ({ ...segment, cache: 'bypass' })) : segments
  }
}
