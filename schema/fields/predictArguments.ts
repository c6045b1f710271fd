import { type GraphQLField, getDirectiveValues } from 'graphql'
import { predictName } from '../sdl/predictDirective'
import type { Subgraph } from '../sdl/subgraph'
import type { PredictArguments } from './site'

/** The arguments of a field's `@predict`, in the order of the directive's definition. */
export function readArguments(subgraph: Subgraph, field: GraphQLField<unknown, unknown>): PredictArguments {
  const directive = subgraph.schema.getDirective(predictName)
  if (directive === undefined || directive === null || !field.astNode) return {}
  return getDirectiveValues(directive, field.astNode) ?? {}
}
