import type { FieldNode } from 'graphql'
import type { PresageError } from '../errors'

/**
 * One error of items that follow each other in a list, as where a limit refuses all rows of a field. On a busy node there are more of
 * them than answers, so they go together until the answer is written, and nothing is made for each item.
 */
export interface SharedError extends AlikePaths {
  readonly error: PresageError
  /** The fields of the document in which the paths lead; left out where it is not the client's. */
  readonly nodes?: readonly FieldNode[]
}

/** Paths that differ in one index, which rises by one from each to the next. */
export interface AlikePaths {
  /** The first of them. */
  readonly path: readonly (string | number)[]
  /** Where in it the index stands. */
  readonly position: number
  readonly count: number
}

/** Errors of an answer, or of a part of it. */
export interface FoundErrors<Error> {
  readonly errors: readonly Error[]
  readonly shared: readonly SharedError[]
}

export function eachPath({ path, position, count }: AlikePaths): (string | number)[][] {
  const first = path[position] as number
  return Array.from({ length: count }, (_, at) => {
    const one = [...path]
    one[position] = first + at
    return one
  })
}
