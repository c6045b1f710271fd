import type { Clock } from '../../lib/clock'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Metrics } from '../../lib/metrics'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import type { Shard } from '../../workers/shard'
import type { CachedSegment, RowTaker } from '../calls/cacheUse'
import { CachedRows } from './cachedRows'
import { CacheSpace } from './cacheSpace'
import type { CacheStore } from './cacheStore'
import type { Flights } from './flight'

/** A version, the shard where it runs, and the objective that asks; no objective if a field pins the version. */
export interface AskedVersion {
  readonly model: Model
  readonly shard: Shard
  readonly objective?: Objective
}

export interface PredictionCacheParts {
  readonly store: CacheStore
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * Caches the answers of versions, for objectives that allow it. There is one per process. It comes after routing and
 * limits, so every request is still decided on its own, and before the shards, so cached answers cost them nothing.
 * Pinned fields, shadows, golden cases and `tryModel` do not use it.
 */
export class PredictionCache {
  private readonly flights: Flights = new Map()
  private readonly spaces = memoizedWeakly((model: Model) =>
    memoized(
      (objective: Objective) => new CacheSpace(model, objective, objective.cacheTtlMs!, this.parts.metrics),
    ),
  )

  constructor(private readonly parts: PredictionCacheParts) {}

  /** Answers the rows of a request for a version: its shard, with the cache in front if the objective has one. */
  over({ model, shard, objective }: AskedVersion, request: ClientRequest): RowTaker {
    if (objective?.cacheTtlMs === undefined) return shard
    const space = this.spaces(model)(objective)
    const isExplained = request.explain !== undefined
    if (request.bypassesCache) return new BypassedRows(space, shard, isExplained)
    const { store, clock } = this.parts
    return new CachedRows({ space, store, flights: this.flights, clock, taker: shard, isExplained })
  }

  /** Call when no more requests come. */
  dispose(): Promise<void> {
    return this.parts.store.dispose()
  }
}

/** For a request that bypasses the cache: neither reads nor stores answers, nor waits for those of others. */
class BypassedRows implements RowTaker {
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
