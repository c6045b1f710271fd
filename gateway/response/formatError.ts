import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { PresageError } from '../../lib/errors'
import { extensionsOf } from '../graphql/locatedError'
import { isStackOverflow, tooDeep } from '../graphql/tooDeep'

/** Apollo Server's `formatError`. */
export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError

/**
 * Coded errors keep their code and details. Errors that were not made for clients keep only their place. Unless
 * `showsSchema`, errors of a document or its variables suggest no names of the schema.
 */
export function createErrorFormatter(maxTokens: number, showsSchema = true): FormatError {
  return (formatted, error) => {
    const root = rootOf(error)
    if (root instanceof PresageError) {
      return { ...formatted, extensions: { ...formatted.extensions, ...extensionsOf(root) } }
    }
    if (isParserOverflow(root)) {
      const { message, extensions } = tooDeep()
      return { message, extensions }
    }
    if (isTokenOverflow(root)) {
      const { message, extensions } = tooManyTokens(maxTokens)
      return { message, extensions }
    }
    if (isUncodedRefusal(root)) {
      return { ...formatted, extensions: { ...formatted.extensions, code: 'BAD_REQUEST' } }
    }
    if (isMeantForClients(root)) return showsSchema ? formatted : withoutSuggestion(formatted)
    const { locations, path } = formatted
    return {
      message: 'Internal error',
      ...(locations && { locations }),
      ...(path && { path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    }
  }
}

/** Formats errors of an execution as Apollo Server does. */
export function formatErrors(errors: readonly unknown[], formatError: FormatError): GraphQLFormattedError[] {
  return errors.map((error) => {
    const located = ensureGraphQLError(error)
    const extensions: Record<string, unknown> = {
      ...located.extensions,
      code: located.extensions['code'] ?? 'INTERNAL_SERVER_ERROR',
    }
    if (isHead(extensions['http'])) delete extensions['http']
    return formatError({ ...located.toJSON(), extensions }, located)
  })
}

function ensureGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  return error instanceof Error
    ? new GraphQLError(error.message, { originalError: error })
    : new GraphQLError(`Unexpected error value: ${String(error)}`)
}

/** What of an error the client does not see, and that has to be logged; undefined if it sees everything. */
export function hiddenCause(error: unknown): unknown {
  const root = rootOf(error)
  if (root instanceof PresageError) return root.cause
  return isMeantForClients(root) || isParserOverflow(root) ? undefined : root
}

/** Made for clients: by graphql-js, by Apollo Server, or by a resolver that throws a GraphQLError itself. */
function isMeantForClients(root: unknown): boolean {
  return root instanceof GraphQLError
}

/** Apollo Server refuses a persisted query with a wrong version or hash with a status, but no code. */
function isUncodedRefusal(root: unknown): boolean {
  if (!(root instanceof GraphQLError) || root.extensions['code'] !== undefined) return false
  return headOf([root])?.status === 400
}

/**
 * graphql-js suggests names at the end of its messages. Resolvers write messages of their own; their errors have a
 * path, and stay as they are.
 */
function withoutSuggestion(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const { message, path } = formatted
  // A message holds values as clients sent them, up to a megabyte, for which an expression could take minutes.
  const at = message.indexOf(suggestion)
  if (path !== undefined || at === -1 || !message.endsWith('?')) return formatted
  return { ...formatted, message: message.slice(0, at).trimEnd() }
}

const suggestion = 'Did you mean '

/** The parser of graphql-js recurses for each level and overflows the stack at a few thousand levels. */
function isParserOverflow(root: unknown): boolean {
  return isStackOverflow(root) && /graphql[\\/]language[\\/]/.test((root as RangeError).stack ?? '')
}

/** graphql-js marks this error by nothing but its message. */
function isTokenOverflow(root: unknown): boolean {
  return root instanceof GraphQLError && root.message.startsWith('Syntax Error: Document contains more')
}

/** The count is unknown, because the parser stops at the limit. */
export function tooManyTokens(maximum: number): PresageError {
  return new PresageError(
    'OPERATION_TOO_LARGE',
    `operation: its document may have at most ${maximum} tokens, got more`,
    { limit: 'tokens', maximum },
  )
}

/** The error that was thrown first, below the layers that only locate it. */
function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof GraphQLError && root.originalError !== undefined) root = root.originalError
  return root
}

/** What an error's `extensions.http` says about the HTTP response. */
export interface ErrorHead {
  /** Undefined leaves the status as it is. */
  readonly status: number | undefined
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

/** Combines all errors as Apollo Server does: the last one counts. Undefined if no error says anything. */
export function headOf(errors: readonly GraphQLError[]): ErrorHead | undefined {
  let head: { status: number | undefined; headers: Map<string, string> } | undefined
  for (const { extensions } of errors) {
    const { http } = extensions
    if (!isHead(http)) continue
    head ??= { status: undefined, headers: new Map() }
    if (http.status) head.status = http.status
    for (const [name, value] of http.headers ?? []) head.headers.set(name.toLowerCase(), value)
  }
  return head
}

/** Whether Apollo Server takes the value as `extensions.http`; then it is not shown to clients. */
export function isHead(
  value: unknown,
): value is { readonly status?: number; readonly headers?: ReadonlyMap<string, string> } {
  if (typeof value !== 'object' || value === null) return false
  if ('status' in value && typeof value.status !== 'number') return false
  return !('headers' in value) || value.headers instanceof Map
}
