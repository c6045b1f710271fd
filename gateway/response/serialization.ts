import type { ASTNode } from 'graphql'
import type { Path } from '../graphql/responseData'

/**
 * Completes a value of the merged data and writes it as the JSON that the client sees; null is null. Yields `undefined`
 * where null is not allowed, which makes what stands above null.
 */
export type Serializer = (
  value: unknown,
  serialization: Serialization,
  depth: number,
) => string | null | undefined

/** The writing of one answer. */
export class Serialization {
  /**
   * The place of the value at work, in keys of the merged data; entries from the current depth on are left over from
   * others.
   */
  readonly path: (string | number)[] = []
  readonly violations: NullViolation[] = []
  /** Fields of objects and items of lists so far. */
  values = 0

  /** A list throws `tooLong` where there are more values than `mostValues`. */
  constructor(readonly mostValues = Number.POSITIVE_INFINITY) {}

  /**
   * Records a null that must not be one, unless it came from below and was recorded since there were `before` of them.
   */
  addNullViolation(before: number, depth: number, coordinate: string): void {
    const { path, violations } = this
    if (violations.length !== before) return
    violations.push({
      path: path.slice(0, depth),
      message: `Cannot return null for non-nullable field ${coordinate}.`,
    })
  }
}

/** Thrown where a value is too long to be written at once. */
export const tooLong = new Error('too long to be written at once')

/** A null where the public schema allows none, or of an object whose condition is null. */
export interface NullViolation {
  /** In keys of the merged data. */
  readonly path: Path
  readonly message: string
  /** Where the document says so, if it is not the field at the path: a condition that is null. */
  readonly nodes?: readonly ASTNode[]
}
