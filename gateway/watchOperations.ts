import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import type { ClientRequest } from '../lib/clientRequest'
import type { ErrorLog } from './errorLog'
import { hiddenCause } from './formatError'
import type { GatewayContext } from './presageGateway'

const scopeKey = Symbol('operation')

/** The name of the operation that a request has run: `(anonymous)` has none, `(several)` is a list; undefined before one is known. */
export function operationOf(request: ClientRequest): string | undefined {
  return seenOf(request).name
}

/** Remembers which operation a request asks for, and writes down what its client is not told. */
export function watchOperations(logError: ErrorLog): ApolloServerPlugin<GatewayContext> {
  const listener: GraphQLRequestListener<GatewayContext> = {
    async didResolveOperation({ contextValue, operationName, requestIsBatched }) {
      seenOf(contextValue.request).name = requestIsBatched ? '(several)' : (operationName ?? '(anonymous)')
    },
    async didEncounterErrors({ contextValue: { request }, errors }) {
      for (const error of errors) {
        const cause = hiddenCause(error)
        if (cause !== undefined) logError(cause, { requestId: request.id, operation: operationOf(request) })
      }
    },
  }
  return {
    requestDidStart: async () => listener,
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      logError(error, { requestId: requestContext.contextValue.request.id })
    },
  }
}

function seenOf(request: ClientRequest): { name?: string } {
  return request.scope(scopeKey, () => ({}))
}
