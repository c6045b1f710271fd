import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server'
import type { ClientRequest } from '../lib/clientRequest'
import { Explain, type ExplainReport, explainedIn } from '../lib/explain'
import type { GatewayContext } from './operationGateway'

/** What stands beside the data of an answer for those who ask why it is so. */
export interface AnswerExtensions {
  readonly presage: ExplainReport
}

export function explainExtensions(explain: Explain): AnswerExtensions {
  return { presage: explain.report() }
}

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
 * What was told while a request was answered by a subgraph: row by row for a gateway that asks with an envelope, which knows where its
 * entities stand. Undefined where nobody asked.
 */
export function subgraphExtensions({ explain, envelope }: ClientRequest): object | undefined {
  return explain && { presage: envelope === undefined ? explain.report() : explain.rows() }
}

/**
 * Puts into an answer what was told while it was made, where no gateway did. Operations that came in one body are answered without: nobody could tell which is whose.
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
    const extensions = subgraphExtensions(contextValue.request)
    if (extensions) body.singleResult.extensions = { ...body.singleResult.extensions, ...extensions }
  },
}
