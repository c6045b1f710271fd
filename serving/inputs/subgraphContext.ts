import type { ClientRequest } from '../../lib/request/clientRequest'

/** The context of every resolver of a subgraph, or a part of that context. */
export interface SubgraphContext {
  /**
   * The client's request: its declared values (`context`), its `deadline`, and a `signal` that aborts when the client
   * goes.
   */
  readonly request: ClientRequest
}
