import { PresageError } from '../lib/errors'

/** Selections, lists, objects and types in each other. The stack holds a few times as many; this many are the same everywhere. */
export const maxNesting = 250

/** An operation that nests deeper, in its text or through its fragments, than it can be worked on. */
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

/** Whether the engine has given up a recursion. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
}
