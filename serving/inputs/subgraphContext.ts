import type { ClientRequest } from '../../lib/request/clientRequest'

/** What every resolver of a subgraph gets as its context, or as part of it. */
export interface SubgraphContext {
  /** The client's request: what is known of it (`context`), its `deadline`, and a `signal` for when the client has gone. */
  readonly request: ClientRequest
}
