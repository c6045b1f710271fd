import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { GraphQLError } from 'graphql'
import type { Clock } from '../../lib/clock'
import { PlainError } from '../../lib/errors'
import type { Log, LogFields } from '../../lib/log'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { anonymous, shortName } from '../graphql/operationName'
import type { GatewayContext } from '../operations/operationGateway'
import { hiddenCause } from '../response/formatError'

/**
 * Logs errors whole, with stack and cause, or as the line that says everything, but at most `perSecond` of them. A
 * failing subgraph can fail once per row, and logging all of that must not bring the process down.
 */
export type ErrorLog = (error: unknown, fields?: LogFields) => void

export interface ErrorLogOptions {
  readonly perSecond?: number
  /** What stands before an error that is written whole. */
  readonly message?: string
}

export function createErrorLog(
  log: Log,
  clock: Clock,
  { perSecond = 20, message = 'internal error' }: ErrorLogOptions = {},
): ErrorLog {
  let windowStart = Number.NEGATIVE_INFINITY
  let written = 0
  let left = 0
  return (error, fields) => {
    const now = clock.now()
    if (now - windowStart >= 1000) {
      if (left > 0) log.write('error', `${message}: ${left} more were not logged`)
      windowStart = now
      written = 0
      left = 0
    }
    if (written >= perSecond) {
      left++
      return
    }
    written++
    if (error instanceof PlainError) log.write('error', error.line, fields)
    else log.write('error', message, { ...fields, error })
  }
}

/** Logs the parts of errors that the client of a request does not see. */
export type LogErrors = (errors: readonly unknown[], request: ClientRequest) => void

export function createLogErrors(logError: ErrorLog): LogErrors {
  return (errors, request) => {
    for (const error of errors) {
      const cause = hiddenCause(error)
      if (cause === undefined) continue
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
