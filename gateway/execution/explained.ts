import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Explain } from '../../lib/request/explain'
import type { GatewayContext } from '../operations/operationGateway'

/**
 * A plugin for Apollo Server, with types of our own. Apollo's classes have different types under `import` and
 * `require`, so its plugin type would fit only servers that are loaded in the same way as ours.
 */
export interface AnswerPlugin {
  requestDidStart(): Promise<{ willSendResponse(answered: AnsweredRequest): Promise<void> }>
}

interface AnsweredRequest {
  readonly contextValue: GatewayContext
  readonly requestIsBatched: boolean
  readonly response: {
    readonly body:
      | { readonly kind: 'single'; readonly singleResult: SingleResult }
      | { readonly kind: 'incremental' }
  }
}

interface SingleResult {
  readonly data?: unknown
  extensions?: Record<string, unknown>
}

/**
 * The `extensions` with which a subgraph answers a request for explanations. A gateway, which sends an envelope, gets
 * them row by row, because it knows where its entities belong.
 */
export function subgraphExtensions(
  told: Explain,
  { envelope, explain, overrides }: ClientRequest,
): object | undefined {
  return envelope === undefined ? explain?.extensions(told, overrides) : { presage: told.rows() }
}

/** Batched operations get none: nobody could tell which explanation belongs to which operation. */
export const explainAnswers: AnswerPlugin = {
  requestDidStart: async () => listener,
}

const listener = {
  async willSendResponse({
    contextValue,
    requestIsBatched,
    response: { body },
  }: AnsweredRequest): Promise<void> {
    if (requestIsBatched || body.kind !== 'single' || body.singleResult.data === undefined) return
    const { request }: Partial<GatewayContext> = contextValue
    // A server that was not given our context function has no request; its predictions have said so.
    if (request?.explain === undefined) return
    const extensions = subgraphExtensions(request.explain, request)
    if (extensions !== undefined)
      body.singleResult.extensions = { ...body.singleResult.extensions, ...extensions }
  },
}
