import { PresageError } from '../../lib/errors'

/**
 * Levels of selections, lists, objects and types together. The stack holds more, but how many depends on the machine.
 */
export const maxNesting = 250

/** The error for an operation that nests too deep, in its text or through its fragments. */
export function tooDeep(): PresageError {
  return new PresageError(
    'OPERATION_TOO_LARGE',
    `operation: may nest at most ${maxNesting} levels deep, got more`,
    {
      limit: 'nesting',
      maximum: maxNesting,
    },
  )
}

/** Whether the error means that the stack overflowed. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
}
