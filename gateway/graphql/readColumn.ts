import { generateFunction } from '../../lib/execution/generatedCode'
import type { ResponseObject } from './responseData'

/**
 * Reads one key of each object, null where it is absent. The array has no holes, as one of `map` may have: V8 writes
 * those as JSON more slowly.
 */
export type ReadColumn = (objects: readonly ResponseObject[]) => unknown[]

/**
 * Compiles the reading of a key, which is a GraphQL name. Generated code is faster here: V8 optimizes `object.name`, but
 * not `object[name]` at a site that sees many names.
 */
export function compileReadColumn(key: string): ReadColumn {
  const read = generateFunction<ReadColumn>(
    {},
    `return function readColumn(objects) {
      const column = []
      for (let row = 0; row < objects.length; row++) column.push(objects[row].${key} ?? null)
      return column
    }`,
  )
  if (read !== undefined) return read
  return (objects) => {
    const column: unknown[] = []
    for (const object of objects) column.push(object[key] ?? null)
    return column
  }
}
