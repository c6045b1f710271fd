import { PresageError } from '../../lib/errors'

/** Levels of selections, lists, objects and types together. The stack holds more: how many, the machine decides. */
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

export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
}
