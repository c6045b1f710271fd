import type { Clock } from '../../lib/clock'
import type { Objective } from '../../models/contracts/objective'
import type { Shard } from '../../workers/shard'
import type { ModelRegistry } from './modelRegistry'

/** Where versions are brought into service, and by which contracts. */
export interface ModelHost {
  readonly registry: ModelRegistry
  readonly shards: ReadonlyMap<string, Shard>
  /** More may come while it serves. */
  readonly objectives: ReadonlyMap<string, Objective>
  readonly clock: Clock
}
