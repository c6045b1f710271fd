import type { SubgraphExecutor } from '../lib/subgraphExecutor'
import type { NormalVariable } from './operations/normalOperation'
import type { Supergraph } from './supergraph/readSupergraph'

/** What the plan of one operation is compiled with. */
export interface PlanContext {
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly supergraph: Supergraph
  /** The operation's variables. */
  readonly variables: readonly NormalVariable[]
}
