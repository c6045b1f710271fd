import type { ASTNode } from 'graphql'
import type { Path } from '../graphql/responseData'

/**
 * Completes a value of the merged data and returns it as JSON for the client. Returns null for null, and undefined if
 * null is not allowed, so that the parent becomes null.
 */
export type Serializer = (
  value: unknown,
  serialization: Serialization,
  depth: number,
) => string | null | undefined

/** The state of writing one answer. */
export class Serialization {
  /**
   * The path of the current value, in keys of the merged data. Entries from the current depth on are left over from
   * other values.
   */
  readonly path: (string | number)[] = []
  readonly violations: NullViolation[] = []
  /** Fields of objects and items of lists so far. */
  values = 0

  /** Lists throw `tooLong` once there are more than `mostValues` values. */
  constructor(readonly mostValues = Number.POSITIVE_INFINITY) {}

  /** Records a null that is not allowed, unless a violation below it was recorded since there were `before` of them. */
  addNullViolation(before: number, depth: number, coordinate: string): void {
    const { path, violations } = this
    if (violations.length !== before) return
    violations.push({
      path: path.slice(0, depth),
      message: `Cannot return null for non-nullable field ${coordinate}.`,
    })
  }
}

/** Thrown if an answer is too long to be written in one go. */
export const tooLong = new Error('too long to be written at once')

/** A null that the public schema does not allow, or an object whose condition is null. */
export interface NullViolation {
  /** In keys of the merged data. */
  readonly path: Path
  readonly message: string
  /** The nodes at fault if they are not the field at the path: a condition that is null. */
  readonly nodes?: readonly ASTNode[]
}
