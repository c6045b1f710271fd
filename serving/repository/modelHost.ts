import type { Clock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
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

/** The shards of these names. Throws a LoadError if the process lacks one: rules are kept longer than a configuration. */
export function shardsNamed(
  { shards }: Pick<ModelHost, 'shards'>,
  names: readonly string[],
): readonly Shard[] {
  const unknown = names.filter((name) => !shards.has(name))
  if (unknown.length === 0) return names.map((name) => shards.get(name)!)
  const known = [...shards.keys()].join(', ')
  throw new LoadError([`placement: must be shards of this process (${known}), got ${unknown.join(', ')}`])
}
