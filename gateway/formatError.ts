import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { PresageError } from '../lib/errors'
import { extensionsOf } from './locatedError'
import { tooDeep } from './tooDeep'

/**
 * Makes Apollo Server's `formatError`: coded errors keep their code and details; an error that nobody meant for clients
 * keeps nothing but its place, and goes whole to `log`.
 */
export function createErrorFormatter(
  log: (error: unknown) => void,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const root = rootOf(error)
    if (root instanceof PresageError) {
      if (root.cause !== undefined) log(root.cause)
      return { ...formatted, extensions: { ...formatted.extensions, ...extensionsOf(root) } }
    }
    if (isParserOverflow(root)) {
      const { message, extensions } = tooDeep()
      return { message, extensions }
    }
    // Made on purpose: by graphql-js, by Apollo Server, or by a resolver that throws a GraphQLError itself.
    if (root instanceof GraphQLError) return formatted
    log(root)
    const { locations, path } = formatted
    return {
      message: 'Internal error',
      ...(locations && { locations }),
      ...(path && { path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    }
  }
}

/** The parser of graphql-js calls itself for each level, and a few thousand levels are more than the stack holds. */
function isParserOverflow(root: unknown): boolean {
  return root instanceof RangeError && /graphql[\\/]language[\\/]/.test(root.stack ?? '')
}

/** What was thrown at first, below the layers that only say where. */
function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof GraphQLError && root.originalError !== undefined) root = root.originalError
  return root
}
