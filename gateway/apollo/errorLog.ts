import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { GraphQLError } from 'graphql'
import type { ErrorLog } from '../../lib/log'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { anonymous, shortName } from '../graphql/operationName'
import type { GatewayContext } from '../operations/operationGateway'
import { hiddenCause } from '../response/formatError'

/** Logs the parts of errors that the client of a request does not see: a cause once, with the first field that it failed. */
export type LogErrors = (errors: readonly unknown[], request: ClientRequest) => void

export function createLogErrors(logError: ErrorLog): LogErrors {
  return (errors, request) => {
    const told = new Set<unknown>()
    for (const error of errors) {
      const cause = hiddenCause(error)
      if (cause === undefined || told.has(cause)) continue
      told.add(cause)
      const { path, extensions } = error instanceof GraphQLError ? error : {}
      const field = extensions?.['field']
      logError(cause, {
        requestId: request.id,
        operation: request.operation,
        ...(field !== undefined && { field }),
        ...(path && { path: path.join('.') }),
      })
    }
  }
}

/** Remembers which operation a request runs, and logs the errors that its client does not see. */
export function watchOperations(
  logError: ErrorLog,
  logErrors: LogErrors,
): ApolloServerPlugin<GatewayContext> {
  const listener: GraphQLRequestListener<GatewayContext> = {
    async didResolveOperation({ contextValue, operationName, requestIsBatched }) {
      contextValue.request.operation = requestIsBatched ? '(several)' : shortName(operationName ?? anonymous)
    },
    async didEncounterErrors({ contextValue, errors }) {
      logErrors(errors, contextValue.request)
    },
  }
  return {
    requestDidStart: async () => listener,
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      logError(error, { requestId: requestContext.contextValue.request.id })
    },
  }
}
