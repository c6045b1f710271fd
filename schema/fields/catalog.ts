import type { Objective } from '../../models/contracts/objective'
import type { ModelContract } from '../../models/manifest/servesObjective'

/** What prediction fields are compiled against: everything that the deployment knows when the schema loads. */
export interface Catalog {
  readonly objectives: ReadonlyMap<string, Objective>
  /** By `name@version`. */
  readonly models: ReadonlyMap<string, ModelContract>
  readonly shards: readonly string[]
  /** The declared keys of the request's context and the types of their values. */
  readonly contextKeys: ReadonlyMap<string, 'string' | 'number' | 'boolean'>
  /** The shards on which a model version is placed. */
  readonly shardsOf?: (modelKey: string) => readonly string[]
  /** Whether a subgraph in this process has its own resolver for a field. */
  readonly hasResolver?: (subgraph: string, type: string, field: string) => boolean
  /** Whether the resolvers of a subgraph are known here; absent: of all. */
  readonly knowsResolvers?: (subgraph: string) => boolean
}
