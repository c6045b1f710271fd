import type { GraphQLResolveInfo } from 'graphql'
import type { ClientRequest } from '../../lib/request/clientRequest'

/** The context of every resolver of a subgraph, or a part of that context. */
export interface SubgraphContext {
  /** The client's request: its `context`, `deadline`, and a `signal` that aborts when the client goes. */
  readonly request: ClientRequest
}

/** One call of a prediction field's resolver. */
export interface FieldCall {
  readonly parent: unknown
  readonly args: Readonly<Record<string, unknown>>
  readonly contextValue: SubgraphContext
  readonly info: GraphQLResolveInfo
}
