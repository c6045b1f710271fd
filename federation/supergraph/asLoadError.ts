import { GraphQLError } from 'graphql'
import { LoadError } from '../../lib/errors'

/** Reading SDL that is not a supergraph may fail at any step. */
export function asLoadError(error: unknown): LoadError {
  if (error instanceof LoadError) return error
  const { message } = error as Error
  const place = error instanceof GraphQLError ? error.locations?.[0] : undefined
  const where = place === undefined ? '' : `line ${place.line}, column ${place.column}: `
  // graphql-js joins several problems of a schema with empty lines.
  const problems = [...new Set(message.split('\n\n'))]
  return new LoadError(
    problems.map((one) => `supergraph: must be a composed supergraph, got: ${where}${one}`),
  )
}
