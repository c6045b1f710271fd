import { PresageError } from '../../lib/errors'
import { type NormalizedOperation, normalize, type OperationToNormalize } from './normalize'

/**
 * Does something with an operation in the form in which it can be fetched, which is nearly always the first. `use` throws NOT_SUPPORTED for a
 * form that cannot, and what it throws for the last form is thrown.
 */
export function inFetchableForm<T>(
  asked: OperationToNormalize,
  use: (normalized: NormalizedOperation) => T,
): T {
  try {
    return use(normalize(asked, 'compact'))
  } catch (error) {
    if (!(error instanceof PresageError && error.code === 'NOT_SUPPORTED')) throw error
    return use(normalize(asked, 'apart'))
  }
}
