import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLOutputType,
  GraphQLString,
  getNullableType,
  isListType,
  isNonNullType,
} from 'graphql'
import { areFlags, areNumbers, areTexts } from './itemKinds'

/**
 * The condition under which `value` needs no serialization, as code for `generateFunction` that uses `plainChecks`.
 * Undefined for types whose values must be serialized one by one.
 */
export function plainCondition(declared: GraphQLOutputType): string | undefined {
  const type = getNullableType(declared)
  const condition = isListType(type)
    ? listConditions.get(getNullableType(type.ofType))
    : scalarConditions.get(type)
  return condition === undefined || isNonNullType(declared) ? condition : `value === null || ${condition}`
}

/** A statement that turns a `value` of the type before the check, if any: integers become ids as text. */
export function plainTurn(declared: GraphQLOutputType): string {
  if (getNullableType(declared) !== GraphQLID) return ''
  return "if (typeof value === 'number' && (value | 0) === value) value = String(value)"
}

/** The functions that the code of `plainCondition` calls. */
export const plainChecks = { isArray: Array.isArray, areNumbers, areTexts, areFlags }

/** By scalar, the JavaScript condition for its values. */
const scalarConditions = new Map<unknown, string>([
  [GraphQLID, "typeof value === 'string'"],
  [GraphQLString, "typeof value === 'string'"],
  [GraphQLBoolean, "typeof value === 'boolean'"],
  [GraphQLInt, "typeof value === 'number' && (value | 0) === value"],
  [GraphQLFloat, "typeof value === 'number' && value - value === 0"],
])

const listConditions = new Map<unknown, string>([
  [GraphQLID, 'isArray(value) && areTexts(value)'],
  [GraphQLString, 'isArray(value) && areTexts(value)'],
  [GraphQLBoolean, 'isArray(value) && areFlags(value)'],
  [GraphQLFloat, 'isArray(value) && areNumbers(value)'],
])
