import type { Clock } from '../../lib/clock'
import type { Metrics } from '../../lib/metrics'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import type { Shard } from '../../workers/shard'
import type { RowTaker } from '../calls/cacheUse'
import { BypassedRows } from './bypassedRows'
import { CachedRows } from './cachedRows'
import { CacheSpace } from './cacheSpace'
import type { CacheStore } from './cacheStore'
import type { Flights } from './flight'

/** A version, where it runs, and the objective whose rows it is asked; none where a field pins it. */
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
 * Answers of versions to inputs that come again, for objectives that allow it; one of these per process. It stands behind
 * routing and limits, so who answers is decided for each request as ever, and before the shards, so what is kept costs none of
 * them anything. What a field pins, what shadows and golden cases ask and what `tryModel` runs does not come by here.
 */
export class PredictionCache {
  private readonly flights: Flights = new Map()
  private readonly spaces = new WeakMap<Model, Map<Objective, CacheSpace>>()

  constructor(private readonly parts: PredictionCacheParts) {}

  /** Who answers a request's rows for a version: its shard, with the cache before it if the objective has one. */
  over({ model, shard, objective }: AskedVersion, request: ClientRequest): RowTaker {
    const ttlMs = objective?.cacheTtlMs
    if (objective === undefined || ttlMs === undefined) return shard
    const space = this.spaceOf(model, objective, ttlMs)
    const isExplained = request.explain !== undefined
    if (request.bypassesCache) return new BypassedRows(space, shard, isExplained)
    const { store, clock } = this.parts
    return new CachedRows({ space, store, flights: this.flights, clock, taker: shard, isExplained })
  }

  /** Once nothing is asked any more. */
  dispose(): Promise<void> {
    return this.parts.store.dispose()
  }

  private spaceOf(model: Model, objective: Objective, ttlMs: number): CacheSpace {
    let ofModel = this.spaces.get(model)
    if (ofModel === undefined) {
      ofModel = new Map()
      this.spaces.set(model, ofModel)
    }
    let space = ofModel.get(objective)
    if (space === undefined) {
      space = new CacheSpace(model, objective, ttlMs, this.parts.metrics)
      ofModel.set(objective, space)
    }
    return space
  }
}
