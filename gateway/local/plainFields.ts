import { defaultFieldResolver, type GraphQLField } from 'graphql'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
import type { ResponseObject } from '../graphql/responseData'

/**
 * What a key of a row is filled with: a field that is read from the object, a text that is always the same, or null for
 * now.
 */
export interface RowEntry {
  readonly key: string
  readonly from: GraphQLField<unknown, unknown> | string | null
}

/**
 * Makes a row of the answer from an object, with null for what is absent. Undefined where one of them is not what its
 * type says or cannot be read, or the source is no plain object, and needs a closer look.
 */
export type CopyPlainFields = (source: unknown) => ResponseObject | undefined

/**
 * Whether nothing but the value decides on the field, and its scalar is one of the specification's, or a list of one.
 */
export function isPlain({ resolve, args, type }: GraphQLField<unknown, unknown>): boolean {
  const isRead = resolve === undefined || resolve === defaultFieldResolver
  return isRead && args.length === 0 && plainCondition(type) !== undefined
}

/**
 * Compiles the copying into objects of the class `Row`. Names are written out as code: the engine reads `object.name`
 * several times as fast as `object[name]` where the same line meets many names. Undefined where no code is made.
 */
export function compilePlainFields(
  entries: readonly RowEntry[],
  Row: new () => ResponseObject,
): CopyPlainFields | undefined {
  if (entries.length > maxGenerated) return undefined
  // Names of GraphQL are letters, digits and underscores.
  const lines = entries.map(({ key, from }) => {
    if (typeof from === 'string' || from === null) return `row.${key} = ${JSON.stringify(from)}`
    return `value = source.${from.name}
      if (value === undefined) value = null
      ${plainTurn(from.type)}
      if (!(${plainCondition(from.type)})) return undefined
      row.${key} = value`
  })
  const body = `return function copyPlainFields(source) {
      if (typeof source !== 'object' || source === null) return undefined
      try {
        if (source instanceof Error || typeof source.then === 'function') return undefined
        const row = new Row()
        let value
        ${lines.join('\n        ')}
        return row
      } catch {
        return undefined
      }
    }`
  return generateFunction<CopyPlainFields>({ ...plainChecks, Row }, body)
}
