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
 * When `value` goes out as it is, with nothing to be serialised, as code for `generateFunction` that needs `plainChecks` among its
 * values; undefined for types whose values must be looked at one by one.
 */
export function plainCondition(declared: GraphQLOutputType): string | undefined {
  const type = getNullableType(declared)
  const condition = isListType(type)
    ? listConditions.get(getNullableType(type.ofType))
    : scalarConditions.get(type)
  return condition === undefined || isNonNullType(declared) ? condition : `value === null || ${condition}`
}

/**
 * What is done to a `value` of the type beforehand, as a statement, empty where it is nothing: whole numbers are ids as well as
 * texts, which they go out as.
 */
export function plainTurn(declared: GraphQLOutputType): string {
  if (getNullableType(declared) !== GraphQLID) return ''
  return "if (typeof value === 'number' && (value | 0) === value) value = String(value)"
}

/** What the code of `plainCondition` calls. */
export const plainChecks = { isArray: Array.isArray, areNumbers, areTexts, areFlags }

/** By scalar what JavaScript calls its values. */
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
