import { PresageError } from '../../lib/errors'

/**
 * The most fields of an operation, counted once for each possible type of their places. Fragments can multiply them.
 */
export const maxFields = 20_000

/** The most characters of a document that is generated for an operation. */
export const maxCharacters = 500_000

/** The error for an operation that expands to too much. */
export function tooLarge(): PresageError {
  return new PresageError(
    'OPERATION_TOO_LARGE',
    `operation: may select at most ${maxFields} fields, counted once for each possible object type, got more`,
    { limit: 'fields', maximum: maxFields },
  )
}
