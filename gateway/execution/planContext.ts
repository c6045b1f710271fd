import type { NormalVariable } from '../../federation/operations/normalOperation'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'

/** What the plan of one operation is compiled with. */
export interface PlanContext {
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly supergraph: Supergraph
  /** The operation's variables. */
  readonly variables: readonly NormalVariable[]
}
