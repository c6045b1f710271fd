import { PresageError } from '../../lib/errors'
import { type NormalizedOperation, normalize, type OperationToNormalize } from './normalize'

/**
 * Calls `use` with the operation's normal form: first the compact one, which nearly always works, and if `use` throws
 * NOT_SUPPORTED, the other. Errors for the second form are thrown.
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
