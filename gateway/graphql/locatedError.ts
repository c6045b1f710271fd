import { type ASTNode, GraphQLError, type GraphQLFormattedError } from 'graphql'
import { PresageError } from '../../lib/errors'
import { eachPath, type SharedError } from '../../lib/execution/sharedError'
import { lightError } from './lightError'
import type { Path } from './responseData'

/** An error as a subgraph reports it: a GraphQLError in this process, plain JSON from elsewhere. */
export type SubgraphError = GraphQLError | GraphQLFormattedError

/** The subgraph's error at a path of the client's response. A PresageError keeps its code and details. */
export function locatedError(error: SubgraphError, path: Path | undefined): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : undefined
  return lightError(error.message, {
    path,
    originalError: original,
    extensions:
      original instanceof PresageError ? extensionsOf(original) : publicExtensions(error.extensions),
  })
}

/** Whether the error tells why there is nothing at this top-level key: it is at or below the key, or has no path. */
export function isAbout(error: SubgraphError, key: string): boolean {
  const [first = key] = error.path ?? []
  return first === key
}

export function locatedPresageError(error: PresageError, path: Path | undefined): GraphQLError {
  return lightError(error.message, { path, originalError: error, extensions: extensionsOf(error) })
}

/** Splits a shared error into one error per path. */
export function singleErrors(shared: SharedError): GraphQLError[] {
  const { error, nodes } = shared
  const extensions = extensionsOf(error)
  return eachPath(shared).map((path) =>
    lightError(error.message, { path, nodes, originalError: error, extensions }),
  )
}

/** The same error at a path of the response and at nodes of the client's document. */
export function placedError(
  error: GraphQLError,
  path: Path | undefined,
  nodes: readonly ASTNode[],
): GraphQLError {
  const { message, originalError, extensions } = error
  return lightError(message, { path, nodes, originalError, extensions })
}

/** What a client sees in addition to the message. */
export function extensionsOf(error: PresageError): Record<string, unknown> {
  return { ...error.details, code: error.code }
}

/** Removes `http`, which would set the status of our own response, and the stack trace, which is private. */
function publicExtensions(extensions: GraphQLFormattedError['extensions']): Record<string, unknown> {
  const { http: _http, stacktrace: _stacktrace, ...rest } = extensions ?? {}
  return rest
}
