import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql'
import { PresageError } from '../../lib/errors'
import type { InputBinding, PredictionField } from '../../schema/fields/plan'
import { compileInputSource, type InputSource } from '../inputs/inputSource'
import { compileQuickColumn, type QuickColumn } from '../inputs/quickColumn'
import { compileFieldValues, type FieldValues } from './fieldValues'
import { compileWantedOutputs } from './wantedOutputs'

/** The compiled form of a `@predict` field. */
export interface CompiledPrediction extends FieldValues {
  readonly field: PredictionField
  /** By input, in the field's order. */
  readonly sources: readonly InputSource[]
  /** By input, a faster way to read whole columns, if there is one. */
  readonly quick: readonly (QuickColumn | undefined)[]
  wantedOutputs(info: GraphQLResolveInfo): readonly string[]
  /**
   * Adds to an error about an input where that input comes from, such as an argument. Returns other errors unchanged.
   */
  explain(error: unknown): unknown
}

export function compilePrediction(field: PredictionField, type: GraphQLObjectType): CompiledPrediction {
  return {
    field,
    sources: field.inputs.map(({ binding }) => compileInputSource(binding, field, type)),
    quick: field.inputs.map(({ binding }) => compileQuickColumn(binding, type)),
    wantedOutputs: compileWantedOutputs(field.shape),
    ...compileFieldValues(field, type),
    explain: compileExplanation(field),
  }
}

function compileExplanation({ inputs }: PredictionField): (error: unknown) => unknown {
  const sources = new Map(inputs.map(({ spec, binding }) => [spec.name, sourceOf(binding)]))
  return (error) => {
    if (!(error instanceof PresageError) || error.code !== 'BAD_FEATURE') return error
    const { details } = error
    const source = sources.get(String(details?.['input'])) ?? sources.get(String(details?.['feature']))
    if (source === undefined) return error
    return new PresageError(error.code, `${error.message} (from ${source})`, { ...details, source })
  }
}

function sourceOf(binding: InputBinding): string | undefined {
  switch (binding.from) {
    case 'args':
      return `argument ${binding.path.join('.')}`
    case 'parent':
      return `field ${binding.path.join('.')}`
    case 'context':
      return `context ${binding.key}`
    default:
      return undefined
  }
}
