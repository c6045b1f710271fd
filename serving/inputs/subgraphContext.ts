import type { GraphQLResolveInfo } from 'graphql'
import type { ClientRequest } from '../../lib/request/clientRequest'

/** The context of every resolver of a subgraph, or a part of that context. */
export interface SubgraphContext {
  /** The client's request: its `context`, `deadline`, and a `signal` that aborts when the client goes. */
  readonly request: ClientRequest
}

/** The request of a context that a team's own server gave. Throws if it is not the context of predictions. */
export function requestOf(contextValue: unknown): ClientRequest {
  // Another request may stand in its place, as in the context of GraphQL Yoga.
  const { request } = (contextValue ?? {}) as { readonly request?: Partial<ClientRequest> | null }
  if (typeof request?.scope === 'function') return request as ClientRequest
  throw new Error(
    'predictions need their own context: give the server the `context` function of createPredictionSubgraph',
  )
}

/** One call of a prediction field's resolver. */
export interface FieldCall {
  readonly parent: unknown
  readonly args: Readonly<Record<string, unknown>>
  readonly contextValue: SubgraphContext
  readonly info: GraphQLResolveInfo
}
