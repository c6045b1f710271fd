import type { ContextType } from '../../lib/request/clientRequest'
import type { Objective } from '../../models/contracts/objective'

/** The parts of an objective's contract on which rules depend. */
export type ObjectiveContract = Pick<Objective, 'unit' | 'inputs'> & {
  /** Absent if unknown; then constants are not checked. */
  readonly outputs?: Objective['outputs']
}

/** The names against which a rule set is checked. */
export interface KnownNames {
  readonly objectives: ReadonlyMap<string, ObjectiveContract>
  /** The `name@version` of every version of the repository, ready or not. */
  readonly models: ReadonlySet<string>
  /**
   * By `name@version`, the objectives that the version serves. Only versions with a readable manifest have an entry.
   */
  readonly serves: ReadonlyMap<string, readonly string[]>
  /** By `name@version`, why a version cannot serve by its manifest. Absent if unknown. */
  readonly unfit?: ReadonlyMap<string, string>
  /** Absent if any shard is allowed. */
  readonly shards?: ReadonlySet<string>
  /** Objectives that prediction fields use, each with one of the fields, `Title.rating`. They must have a default. */
  readonly asked: ReadonlyMap<string, string>
  /** By objective, the shards that its fields name. */
  readonly fieldShards: ReadonlyMap<string, ReadonlySet<string>>
  /** Fields that pin a model, `name` or `name@version`. */
  readonly pins: readonly Pin[]
  /** The types of declared context keys other than strings. */
  readonly contextTypes: ReadonlyMap<string, ContextType>
  /** All declared context keys, if known. Any other key is refused, since no request ever has it. */
  readonly contextKeys?: ReadonlySet<string>
  /** Context keys that any client may set. They cannot be units, or clients could choose their cell. */
  readonly freeKeys: ReadonlySet<string>
}

export interface Pin {
  /** `Title.rating` */
  readonly field: string
  readonly model: string
  /** The only shard on which it is asked, if the field names one. */
  readonly shard?: string
}
