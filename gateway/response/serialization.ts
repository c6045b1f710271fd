import type { ASTNode } from 'graphql'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import { jsonText } from '../graphql/jsonText'
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
  /** The path of the current value, in keys of the merged data; from the current depth on, what others have left. */
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

/** A field of an object of the answer. */
export interface TextField {
  /** The client's name for it. */
  readonly responseKey: string
  /** Its key in the merged data. */
  readonly key: string
  readonly serialize: Serializer
  /** A scalar is written as it is; `serialize` then only handles a null in a non-null field. */
  readonly isScalar: boolean
}

/**
 * Compiles the JSON text of objects with these fields. Generated code is much faster here: V8 optimizes `object.name`,
 * but not `object[name]` at a site that sees many names. Undefined if no code can be generated.
 */
export function compileObjectText(fields: readonly TextField[]): Serializer | undefined {
  if (fields.length === 0) return () => '{}'
  if (fields.length > maxGenerated) return undefined
  const lines = fields.map(({ responseKey, key, isScalar }, at) => {
    const write = `serialization.path[depth] = '${key}'
      part = serialize${at}(value.${key}, serialization, depth + 1)
      if (part === undefined) return null`
    const read = `part = jsonText(value.${key})
      if (part === null) {
      ${write}
      }`
    return `${isScalar ? read : write}
      text ${at === 0 ? "= '{" : "+= ',"}"${responseKey}":' + (part ?? 'null')`
  })
  const body = `return function objectText(value, serialization, depth) {
      serialization.values += ${fields.length}
      let text
      let part
      ${lines.join('\n      ')}
      return text + '}'
    }`
  const serializers = fields.map(({ serialize }, at) => [`serialize${at}`, serialize])
  return generateFunction<Serializer>({ jsonText, ...Object.fromEntries(serializers) }, body)
}
