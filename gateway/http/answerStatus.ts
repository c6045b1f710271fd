import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server'
import { errorTable } from '../../lib/errors'
import type { GatewayContext } from '../operations/operationGateway'
import { preferredType } from './mediaType'

/** Types of a GraphQL answer; the first where the client has no preference. */
export const answerTypes = ['application/json', 'application/graphql-response+json'] as const

export type AnswerType = (typeof answerTypes)[number]

/** What a client takes an answer as; JSON where it takes neither, since a refusal must say something. */
export function answerTypeFor(accept: string | undefined): AnswerType {
  // Most often it is the header of the request before.
  if (accept !== last.accept) last = { accept, type: preferredType(accept, answerTypes) ?? answerTypes[0] }
  return last.type
}

let last: { accept: string | undefined; type: AnswerType } = { accept: undefined, type: answerTypes[0] }

/**
 * Gives an answer the status that the GraphQL-over-HTTP specification asks for. As `application/json` a request that was
 * well-formed has 200, whatever its errors, since a proxy's 400 looks the same; as `application/graphql-response+json` one
 * that was refused before execution has its error's.
 */
export const answerStatus: ApolloServerPlugin<GatewayContext> = {
  requestDidStart: async () => listener,
}

const listener = {
  async willSendResponse(context: GraphQLRequestContextWillSendResponse<GatewayContext>): Promise<void> {
    const { body, http } = context.response
    if (body.kind !== 'single' || body.singleResult.errors === undefined) return
    const accept = context.request.http?.headers.get('accept')
    if (context.requestIsBatched || answerTypeFor(accept) === 'application/json') {
      // Without a source there was no query, or none that the hash stands for: no well-formed request.
      if (context.source !== undefined) http.status = jsonStatus(http.status)
    } else if (body.singleResult.data === undefined && (http.status ?? 400) === 400) {
      http.status = statusOf(body.singleResult.errors[0].extensions?.['code'])
    }
  },
}

/** As JSON a well-formed request has 200 where its errors would give it 400. */
export function jsonStatus<T extends number | undefined>(status: T): T | 200 {
  return status === 400 ? 200 : status
}

function statusOf(code: unknown): number {
  return typeof code === 'string' && Object.hasOwn(errorTable, code)
    ? errorTable[code as keyof typeof errorTable].http
    : 400
}
