import type { InputSpec, OutputSpec } from '../models/contracts/objective'
import { printType } from '../models/types/parseType'

/** An input or a feature, as the type `Input` shows it. */
export function describeInput(input: InputSpec) {
  return {
    name: input.name,
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

/** An output, as the type `Output` shows it. */
export function describeOutput(output: OutputSpec) {
  const { name, type, measure, description } = output
  return { name, type: printType(type), measure, description }
}
