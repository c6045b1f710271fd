import type { ClientRequest } from '../../lib/request/clientRequest'

/** The `contextValue` of every resolver of a subgraph. */
export interface SubgraphContext {
  readonly request: ClientRequest
}
