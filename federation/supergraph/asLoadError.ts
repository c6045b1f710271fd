import { LoadError } from '../../lib/errors'

/** SDL that is not a supergraph may fail at any step of reading it. */
export function asLoadError(error: unknown): LoadError {
  return error instanceof LoadError
    ? error
    : new LoadError([`supergraph: must be a composed supergraph, got: ${(error as Error).message}`])
}
