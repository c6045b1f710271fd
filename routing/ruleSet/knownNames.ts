import type { Objective } from '../../models/contracts/objective'

/** What of an objective's contract rules depend on. */
export type ObjectiveContract = Pick<Objective, 'unit' | 'inputs'> & {
  /** Absent where they are not known: constants are then taken as they are. */
  readonly outputs?: Objective['outputs']
}

export type ContextType = 'string' | 'number' | 'boolean'

/** What a rule set is checked against. */
export interface KnownNames {
  readonly objectives: ReadonlyMap<string, ObjectiveContract>
  /** `name@version` of every version of the repository, ready or not. */
  readonly models: ReadonlySet<string>
  /** By `name@version`, where the manifest could be read: the objectives that the version may serve. */
  readonly serves: ReadonlyMap<string, readonly string[]>
  /** Absent where any shard will do. */
  readonly shards?: ReadonlySet<string>
  /** Objectives that prediction fields ask for: they must have a default. */
  readonly asked: ReadonlySet<string>
  /** By objective: the shards that its fields name. */
  readonly fieldShards: ReadonlyMap<string, ReadonlySet<string>>
  /** Fields that pin a model, `name` or `name@version`, and name a shard. */
  readonly pins: readonly Pin[]
  /** The type of each declared context key that is no string. */
  readonly contextTypes: ReadonlyMap<string, ContextType>
  /** All declared context keys, where they are to be checked: another one is refused, since no request ever has it. */
  readonly contextKeys?: ReadonlySet<string>
  /** Context keys that any client may set: they are no unit, or everybody could choose their cell. */
  readonly freeKeys: ReadonlySet<string>
}

export interface Pin {
  /** `Title.rating` */
  readonly field: string
  readonly model: string
  readonly shard: string
}
