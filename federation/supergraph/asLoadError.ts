import { LoadError } from '../../lib/errors'

/** Reading SDL that is not a supergraph may fail at any step. */
export function asLoadError(error: unknown): LoadError {
  return error instanceof LoadError
    ? error
    : new LoadError([`supergraph: must be a composed supergraph, got: ${(error as Error).message}`])
}
