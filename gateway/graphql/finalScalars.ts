import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLNamedType,
  GraphQLString,
} from 'graphql'

/** Whether a scalar leaves a value unchanged, as the input of a variable and as the output of a field. */
export type FinalCheck = (value: unknown) => boolean

/** For the built-in scalars of the specification. */
export const finalScalars: ReadonlyMap<GraphQLNamedType, FinalCheck> = new Map<GraphQLNamedType, FinalCheck>([
  [GraphQLID, isText],
  [GraphQLString, isText],
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
])

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
