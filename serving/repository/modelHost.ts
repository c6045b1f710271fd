import type { Clock } from '../../lib/clock'
import type { Objective } from '../../models/contracts/objective'
import type { Shard } from '../../workers/shard'
import type { ModelRegistry } from './modelRegistry'

/** Where versions are brought into service, and with which contracts. */
export interface ModelHost {
  readonly registry: ModelRegistry
  readonly shards: ReadonlyMap<string, Shard>
  /** May grow while serving. */
  readonly objectives: ReadonlyMap<string, Objective>
  readonly clock: Clock
}
