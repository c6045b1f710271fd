import type { FeatureSpec } from '../../models/contracts/manifest'
import type { Objective, OutputSpec } from '../../models/contracts/objective'

/** What prediction fields are compiled against: everything that the deployment knows when the schema loads. */
export interface Catalog {
  readonly objectives: ReadonlyMap<string, Objective>
  /** By `name@version`. */
  readonly models: ReadonlyMap<string, CatalogModel>
  readonly shards: readonly string[]
  /** The declared keys of the request's context and the types of their values. */
  readonly contextKeys: ReadonlyMap<string, 'string' | 'number' | 'boolean'>
  /** The shards on which a model version is placed. */
  readonly shardsOf?: (modelKey: string) => readonly string[]
  /** Whether a subgraph in this process has its own resolver for a field. */
  readonly hasResolver?: (subgraph: string, type: string, field: string) => boolean
}

export interface CatalogModel {
  readonly features: readonly FeatureSpec[]
  /** `type: undefined` means unknown until the graph is loaded. */
  readonly outputs: readonly (OutputSpec | { readonly name: string; readonly type: undefined })[]
}
