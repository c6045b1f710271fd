import { generateFunction } from '../../lib/execution/generatedCode'
import type { ResponseObject } from '../graphql/responseData'

/** Writes one key of an object of the answer. */
export type WriteKey = (target: ResponseObject, value: unknown) => void

/**
 * Compiles the writing of a key, which is a name of GraphQL. It is written out as code, since the engine writes `object.name` several
 * times as fast as `object[name]` where the same line meets many names.
 */
export function compileWriteKey(key: string): WriteKey {
  const written = generateFunction<WriteKey>(
    {},
    `return function writeKey(target, value) { target.${key} = value }`,
  )
  if (written !== undefined) return written
  return (target, value) => {
    target[key] = value
  }
}
