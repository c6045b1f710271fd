import { type FieldNode, GraphQLError, type GraphQLErrorOptions, type GraphQLFormattedError } from 'graphql'
import { PresageError } from '../lib/errors'
import type { Path } from './responseData'

/** An error as a subgraph reports it: of graphql-js in this process, plain JSON from elsewhere. */
export type SubgraphError = GraphQLError | GraphQLFormattedError

/** The subgraph's error at a place of the client's response; an error of Presage keeps its code and details. */
export function locatedError(error: SubgraphError, path: Path | undefined): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : undefined
  return errorWithoutStack(error.message, {
    path,
    originalError: original,
    extensions:
      original instanceof PresageError ? extensionsOf(original) : publicExtensions(error.extensions),
  })
}

/** An error of our own at a place of the client's response. */
export function locatedPresageError(error: PresageError, path: Path | undefined): GraphQLError {
  return errorWithoutStack(error.message, { path, originalError: error, extensions: extensionsOf(error) })
}

/** The same error at a place of the client's document. */
export function placedError(
  error: GraphQLError,
  path: Path | undefined,
  nodes: readonly FieldNode[],
): GraphQLError {
  const { message, originalError, extensions } = error
  return errorWithoutStack(message, { path, nodes, originalError, extensions })
}

/**
 * Says where, not what: the stack that counts is the original error's. One of its own would be most of the cost of an
 * error, and when a node is overloaded, refusing a row must not cost more than predicting it.
 */
export function errorWithoutStack(message: string, options: GraphQLErrorOptions): GraphQLError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return new GraphQLError(message, options)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** What a client sees beside the message. */
export function extensionsOf(error: PresageError): Record<string, unknown> {
  return { ...error.details, code: error.code }
}

/** `http` would set the status of our own answer, and a stack trace is nobody's business. */
function publicExtensions(extensions: GraphQLFormattedError['extensions']): Record<string, unknown> {
  const { http: _http, stacktrace: _stacktrace, ...rest } = extensions ?? {}
  return rest
}
