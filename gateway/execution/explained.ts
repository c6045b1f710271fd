import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import type { GatewayContext } from '../operations/operationGateway'

/** A call of which the executor tells with paths of its own. */
export interface ExplainedCall {
  /** For the executor. */
  readonly request: ClientRequest
  /** Undefined where nobody asked. */
  readonly part: Explain | undefined
}

/** Has what is told of the predictions of one call come apart from all others. */
export function explainedCall(request: ClientRequest): ExplainedCall {
  if (request.explain === undefined) return { request, part: undefined }
  const part = new Explain()
  return { request: explainedIn(request, part), part }
}

/**
 * What a subgraph says beside its data to those who ask why it is so: row by row for a gateway that asks with an
 * envelope, which knows where its entities stand.
 */
export function subgraphExtensions(explain: Explain, { envelope }: ClientRequest): object {
  return { presage: envelope === undefined ? explain.report() : explain.rows() }
}

/**
 * Puts into an answer what was told while it was made, where no gateway did. Operations that came in one body are
 * answered without: nobody could tell which is whose.
 */
export const explainAnswers: ApolloServerPlugin<GatewayContext> = {
  requestDidStart: async () => listener,
}

const listener = {
  async willSendResponse({
    contextValue,
    requestIsBatched,
    response: { body },
  }: GraphQLRequestContextWillSendResponse<GatewayContext>): Promise<void> {
    if (requestIsBatched || body.kind !== 'single' || body.singleResult.data === undefined) return
    const { request } = contextValue
    if (request.explain === undefined) return
    const extensions = subgraphExtensions(request.explain, request)
    body.singleResult.extensions = { ...body.singleResult.extensions, ...extensions }
  },
}
