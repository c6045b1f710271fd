import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLOutputType,
  getNullableType,
  isListType,
} from 'graphql'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
import type { ResponseObject } from '../graphql/responseData'

/** What a key of a row is filled with: a field that is read from the object, a constant text, or null for now. */
export interface RowEntry {
  readonly key: string
  readonly from: GraphQLField<unknown, unknown> | string | null
}

/** Copies the plain fields of objects into rows of the answer, with null for absent values. */
export interface PlainCopy {
  /**
   * The row of one object. Undefined if a value does not fit its type or cannot be read, or if the source is not a plain
   * object; then the fields have to be executed.
   */
  one(source: unknown): ResponseObject | undefined
  /** Writes the rows of `sources` from one index to another. Returns the first index that has no row, or `to`. */
  many(sources: readonly unknown[], rows: unknown[], from: number, to: number): number
}

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
): PlainCopy | undefined {
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
  const body = `function one(source) {
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
    }
    function many(sources, rows, from, to) {
      for (let at = from; at < to; at++) {
        const row = one(sources[at])
        if (row === undefined) return at
        rows[at] = row
      }
      return to
    }
    return { one, many }`
  return generateFunction<PlainCopy>({ ...plainChecks, Row }, body)
}

/**
 * Writes values to the rows of the answer from a row on. Returns the first row whose value needs a closer look, or the
 * number of rows.
 */
export type WritePlainValues = (values: readonly unknown[], rows: readonly unknown[], from: number) => number

/** Compiles the writing of a field's values for all rows. Undefined if they must be completed one by one. */
export function compilePlainValues(key: string, type: GraphQLOutputType): WritePlainValues | undefined {
  const condition = isListType(getNullableType(type)) ? undefined : plainCondition(type)
  if (condition === undefined) return undefined
  const body = `return function writePlainValues(values, rows, from) {
      for (let row = from; row < rows.length; row++) {
        let value = values[row]
        ${plainTurn(type)}
        if (!(${condition})) return row
        rows[row].${key} = value
      }
      return rows.length
    }`
  return generateFunction<WritePlainValues>(plainChecks, body)
}
