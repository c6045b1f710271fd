import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server'
import { errorTable, show } from '../../lib/errors'
import type { GatewayContext } from '../operations/operationGateway'
import { HttpRefusal } from './httpRefusal'
import { preferredType } from './mediaType'

/** Content types of a GraphQL response. The first is used if the client has no preference. */
export const answerTypes = ['application/json', 'application/graphql-response+json'] as const

export type AnswerType = (typeof answerTypes)[number]

/** The content type that a client accepts; JSON if it accepts neither, since a refusal has to say something. */
export function answerTypeFor(accept: string | undefined): AnswerType {
  // Most requests have the same header as the one before.
  if (accept !== last.accept) last = { accept, type: preferredType(accept, answerTypes) ?? answerTypes[0] }
  return last.type
}

/**
 * Throws an HttpRefusal with status 406 for a client that accepts neither type. Call it before anything is executed:
 * Apollo Server looks only afterwards, when a mutation has been made.
 */
export function requireAccept(accept: string | undefined): void {
  if (preferredType(accept, answerTypes) !== undefined) return
  throw new HttpRefusal(406, `accept: must allow ${answerTypes.join(' or ')}, got ${show(accept)}`)
}

let last: { accept: string | undefined; type: AnswerType } = { accept: undefined, type: answerTypes[0] }

/**
 * Sets the status that the GraphQL-over-HTTP specification asks for. As `application/json`, a well-formed request gets
 * 200 whatever its errors, since a proxy's 400 would look the same. As `application/graphql-response+json`, a request
 * that was refused before execution gets the status of its error.
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
      // Without a source there was no query, or no query with that hash, so the request was not well-formed.
      if (context.source !== undefined) http.status = jsonStatus(http.status)
    } else if (body.singleResult.data === undefined && (http.status ?? 400) === 400) {
      http.status = statusOf(body.singleResult.errors[0].extensions?.['code'])
    }
  },
}

/** As JSON, a well-formed request gets 200 where its errors would give it 400. */
export function jsonStatus<T extends number | undefined>(status: T): T | 200 {
  return status === 400 ? 200 : status
}

function statusOf(code: unknown): number {
  return typeof code === 'string' && Object.hasOwn(errorTable, code)
    ? errorTable[code as keyof typeof errorTable].http
    : 400
}
