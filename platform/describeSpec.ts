import type { FeatureSpec } from '../models/contracts/manifest'
import type { InputSpec, OutputSpec } from '../models/contracts/objective'
import { printType } from '../models/types/parseType'

/** The GraphQL type `Input`: an input or a feature. */
export function describeInput(input: InputSpec | FeatureSpec) {
  return {
    name: input.name,
    input: 'input' in input && input.input !== input.name ? input.input : undefined,
    type: printType(input.type),
    nullable: input.nullable,
    required: !input.nullable && !('default' in input),
    default: input.default,
    range: input.range,
    length: input.length,
    maxLength: input.maxLength,
    measure: input.measure,
    description: input.description,
  }
}

/** The GraphQL type `Output`. */
export function describeOutput(output: OutputSpec) {
  const { name, type, measure, description } = output
  return { name, type: printType(type), measure, description }
}
