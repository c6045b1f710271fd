import { defaultFieldResolver, type GraphQLField } from 'graphql'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
import type { ResponseObject } from '../graphql/responseData'

/** What a key of a row is filled with: a field that is read from the object, a constant text, or null for now. */
export interface RowEntry {
  readonly key: string
  readonly from: GraphQLField<unknown, unknown> | string | null
}

/**
 * Makes a row of the answer from an object, with null for absent values. Undefined if a value does not fit its type or
 * cannot be read, or if the source is not a plain object; then the fields have to be executed.
 */
export type CopyPlainFields = (source: unknown) => ResponseObject | undefined

/** Whether a field has no resolver and no arguments, and its type is a scalar of the specification or a list of one. */
export function isPlain({ resolve, args, type }: GraphQLField<unknown, unknown>): boolean {
  const isRead = resolve === undefined || resolve === defaultFieldResolver
  return isRead && args.length === 0 && plainCondition(type) !== undefined
}

/**
 * Compiles the copying into objects of the class `Row`. Generated code is much faster here: V8 optimizes `object.name`,
 * but not `object[name]` at a site that sees many names. Undefined if no code can be generated.
 */
export function compilePlainFields(
  entries: readonly RowEntry[],
  Row: new () => ResponseObject,
): CopyPlainFields | undefined {
  if (entries.length > maxGenerated) return undefined
  // GraphQL names consist of letters, digits and underscores, so they are safe in code.
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
