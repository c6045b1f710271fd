import type { FieldNode } from 'graphql'
import type { PresageError } from '../errors'

/**
 * One error of consecutive items of a list, for example when a limit refuses all rows of a field. On a busy node these
 * outnumber the answers, so they stay together until the answer is written, and nothing is created per item.
 */
export interface SharedError extends AlikePaths {
  readonly error: PresageError
  /** The document's fields to which the paths lead; absent if it is not the client's document. */
  readonly nodes?: readonly FieldNode[]
}

/** Paths that differ in one index, which increases by one from each path to the next. */
export interface AlikePaths {
  /** The first path. */
  readonly path: readonly (string | number)[]
  /** Where in the path the index is. */
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
