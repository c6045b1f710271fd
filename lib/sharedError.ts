import type { FieldNode } from 'graphql'
import type { PresageError } from './errors'

/**
 * One error of many places, as where a limit refuses all rows of a field. On a busy node there are more of them than answers, so they
 * go together until the answer is written, and no object is made for each place.
 */
export interface SharedError {
  readonly error: PresageError
  /** The fields of the document in which the paths lead; left out where it is not the client's. */
  readonly nodes?: readonly FieldNode[]
  /** From the root of the answer, each to another place. */
  readonly paths: readonly (readonly (string | number)[])[]
}

/** Errors of an answer, or of a part of it. */
export interface FoundErrors<Error> {
  readonly errors: readonly Error[]
  readonly shared: readonly SharedError[]
}
