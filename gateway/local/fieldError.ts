import { type FieldNode, type GraphQLError, locatedError, type ResponsePath } from 'graphql'
import { PresageError } from '../../lib/errors'
import { lightError } from '../graphql/lightError'
import { pathKeys } from './localRun'

/** What was thrown, as graphql-js puts it where the field stands; an error that has a place keeps it. */
export function fieldError(
  thrown: unknown,
  nodes: readonly FieldNode[],
  path: ResponsePath | undefined,
): GraphQLError {
  if (!(thrown instanceof PresageError)) return locatedError(thrown, nodes, pathKeys(path))
  return lightError(thrown.message, { nodes, path: pathKeys(path), originalError: thrown })
}
