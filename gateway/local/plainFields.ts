import {
  defaultFieldResolver,
  GraphQLBoolean,
  type GraphQLField,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLOutputType,
  GraphQLString,
  getNullableType,
  isListType,
  isNonNullType,
} from 'graphql'
import { generateFunction } from '../../lib/generatedCode'
import type { ResponseObject } from '../responseData'

/** What a key of a row is filled with: a field that is read from the object, a text that is always the same, or null for now. */
export interface RowEntry {
  readonly key: string
  readonly from: GraphQLField<unknown, unknown> | string | null
}

/**
 * Fills a row of the answer from an object, with null for what is absent. False where one of them is not what its
 * type says and needs a closer look: then the row has to be filled anew.
 */
export type CopyPlainFields = (source: object, row: ResponseObject) => boolean

/** Whether nothing but the value decides on the field, and its scalar is one of the specification's, or a list of one. */
export function isPlain({ resolve, args, type }: GraphQLField<unknown, unknown>): boolean {
  const isRead = resolve === undefined || resolve === defaultFieldResolver
  return isRead && args.length === 0 && conditionOf(type) !== undefined
}

/**
 * Compiles the copying. Names are written out as code: the engine reads `object.name` several times as fast as
 * `object[name]` where the same line meets many names. Undefined where no code can be made.
 */
export function compilePlainFields(entries: readonly RowEntry[]): CopyPlainFields | undefined {
  // Names of GraphQL are letters, digits and underscores.
  const lines = entries.map(({ key, from }) => {
    if (typeof from === 'string' || from === null) return `row.${key} = ${JSON.stringify(from)}`
    return `value = source.${from.name}
      if (value === undefined) value = null
      if (!(${conditionOf(from.type)})) return false
      row.${key} = value`
  })
  const body = `return function copyPlainFields(source, row) {
      let value
      ${lines.join('\n      ')}
      return true
    }`
  return generateFunction<CopyPlainFields>({ isListOf }, body)
}

/** When `value` goes out as it is, as code; undefined for types whose values must be looked at one by one. */
function conditionOf(declared: GraphQLOutputType): string | undefined {
  const type = getNullableType(declared)
  const scalar = isListType(type) ? getNullableType(type.ofType) : type
  const name = typeofNames.get(scalar)
  if (name === undefined || (isListType(type) && scalar === GraphQLInt)) return undefined
  const condition = isListType(type) ? `isListOf(value, '${name}')` : scalarCondition(type, name)
  return isNonNullType(declared) ? condition : `value === null || ${condition}`
}

function scalarCondition(type: GraphQLOutputType, name: string): string {
  const condition = `typeof value === '${name}'`
  if (type === GraphQLInt) return `${condition} && (value | 0) === value`
  return type === GraphQLFloat ? `${condition} && value - value === 0` : condition
}

/** By scalar what JavaScript calls its values. */
const typeofNames = new Map<unknown, string>([
  [GraphQLID, 'string'],
  [GraphQLString, 'string'],
  [GraphQLBoolean, 'boolean'],
  [GraphQLInt, 'number'],
  [GraphQLFloat, 'number'],
])

function isListOf(value: unknown, name: string): boolean {
  if (!Array.isArray(value)) return false
  for (let at = 0; at < value.length; at++) {
    const item: unknown = value[at]
    if (typeof item !== name || (typeof item === 'number' && item - item !== 0)) return false
  }
  return true
}
