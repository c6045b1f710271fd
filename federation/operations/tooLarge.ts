import { PresageError } from '../../lib/errors'

/** Fields of all places of an operation, counted once for each type that may stand there: fragments can multiply them. */
export const maxFields = 20_000

/** Characters of a document that is written for an operation. */
export const maxCharacters = 500_000

/** An operation that means far more than it says. */
export function tooLarge(): PresageError {
  return new PresageError(
    'OPERATION_TOO_LARGE',
    `operation: may select at most ${maxFields} fields, counted for each type of the objects that they may be selected of, got more`,
    { limit: 'fields', maximum: maxFields },
  )
}
