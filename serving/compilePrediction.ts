import { type GraphQLObjectType, type GraphQLResolveInfo, getNullableType, isObjectType } from 'graphql'
import { PresageError } from '../lib/errors'
import type { InputBinding, PredictionField } from '../schema/plan'
import { valuesOfNames } from './enumValues'
import { compileInputSource, type InputSource } from './inputSource'
import type { Prediction } from './modelCalls'
import { compileWantedOutputs } from './wantedOutputs'

/** What a `@predict` field does, whether its rows come one by one or all together. */
export interface CompiledPrediction {
  readonly field: PredictionField
  /** By input, in the field's order. */
  readonly sources: readonly InputSource[]
  wantedOutputs(info: GraphQLResolveInfo): readonly string[]
  /** The field's value for one row that has outputs; the field's type does the rest. */
  shape(prediction: Prediction, row: number, wanted: readonly string[]): unknown
  /** The output whose column holds the field's values as they are; undefined where `shape` makes them. */
  readonly plainOutput: string | undefined
  /** A refused input is the model's word; a client knows where it came from, such as an argument. The error that says it. */
  explain(error: unknown): unknown
}

export function compilePrediction(field: PredictionField, type: GraphQLObjectType): CompiledPrediction {
  return {
    field,
    sources: field.inputs.map(({ binding }) => compileInputSource(binding, field, type)),
    wantedOutputs: compileWantedOutputs(field.shape),
    ...compileShape(field, type),
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

function compileShape(
  { shape, outputs, field }: PredictionField,
  type: GraphQLObjectType,
): Pick<CompiledPrediction, 'shape' | 'plainOutput'> {
  const declared = getNullableType(type.getFields()[field].type)
  const turns = new Map(
    outputs.map(({ name, type: output }) => {
      const place =
        shape.kind === 'object' && isObjectType(declared) ? declared.getFields()[name].type : declared
      return [name, valuesOfNames(output, place)] as const
    }),
  )
  if (shape.kind !== 'object') {
    const { output } = shape
    const turn = turns.get(output) ?? unturned
    return {
      plainOutput: turn === unturned ? output : undefined,
      shape: ({ outputs }, row) => turn(outputs[output][row]),
    }
  }
  return {
    plainOutput: undefined,
    shape({ outputs }, row, wanted) {
      const value: Record<string, unknown> = {}
      for (const output of wanted) {
        const turn = turns.get(output)
        value[output] = turn === undefined ? outputs[output][row] : turn(outputs[output][row])
      }
      return value
    },
  }
}

function unturned(value: unknown): unknown {
  return value
}
