import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
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

/** Makes objects from columns of so many values, by name. */
export type MakeObjects = (
  rows: number,
  columns: Readonly<Record<string, readonly unknown[]>>,
) => ResponseObject[]

/** Compiles the making of objects of a type with these fields, in generated code if all names are GraphQL names. */
export function compileMakeObjects(type: string, names: readonly string[]): MakeObjects {
  const members = names.map((name, at) => `, ${name}: column${at}[row]`)
  const make =
    names.length <= maxGenerated && names.every((name) => fieldName.test(name))
      ? generateFunction<MakeObjects>(
          { type },
          `return function makeObjects(rows, columns) {
          ${names.map((name, at) => `const column${at} = columns.${name}`).join('\n')}
          const objects = []
          for (let row = 0; row < rows; row++) objects.push({ __typename: type${members.join('')} })
          return objects
        }`,
        )
      : undefined
  if (make !== undefined) return make
  return (rows, columns) => {
    const objects = Array.from({ length: rows }, (): ResponseObject => ({ __typename: type }))
    for (const name of names) for (let row = 0; row < rows; row++) objects[row][name] = columns[name][row]
    return objects
  }
}

/** Of GraphQL, without those that begin with two underscores. */
const fieldName = /^(?!__)[_A-Za-z]\w*$/
