import { type GraphQLObjectType, type GraphQLOutputType, getNullableType, isObjectType } from 'graphql'
import type { OutputSpec } from '../../models/contracts/objective'
import type { PredictionField } from '../../schema/fields/plan'

/** An output of a field's prediction, and the type of the place in the schema that it fills. */
export interface OutputPlace {
  readonly output: OutputSpec
  readonly place: GraphQLOutputType
}

/** The outputs of `field`; `type` is its parent type, as the subgraph serves it. */
export function outputPlaces(
  { shape, outputs, field }: PredictionField,
  type: GraphQLObjectType,
): readonly OutputPlace[] {
  const declared = getNullableType(type.getFields()[field].type)
  const isByField = shape.kind === 'object' && isObjectType(declared)
  return outputs.map((output) => ({
    output,
    place: isByField ? declared.getFields()[output.name].type : declared,
  }))
}
