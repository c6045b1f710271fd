import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLNamedType,
  GraphQLString,
} from 'graphql'

/** Whether a value is one that its scalar leaves as it is, coming in as a variable or going out in an answer. */
export type FinalCheck = (value: unknown) => boolean

/** By the scalars of the specification. */
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
