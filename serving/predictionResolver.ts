import type { GraphQLFieldResolver, GraphQLObjectType } from 'graphql'
import type { OutputShape, PredictionField } from '../schema/plan'
import { compileInputSource, type FieldCall, UNKNOWN_ENTITY } from './inputSource'
import { type PredictedRow, predictionsOf } from './predictions'
import type { Serving } from './serving'
import type { SubgraphContext } from './subgraphContext'
import { compileWantedOutputs } from './wantedOutputs'

/** The resolver of one `@predict` field: collects the row's inputs, asks for the prediction, shapes the outputs. */
export function predictionResolver(
  field: PredictionField,
  type: GraphQLObjectType,
  serving: Serving,
): GraphQLFieldResolver<unknown, SubgraphContext> {
  const sources = field.inputs.map(({ binding }) => compileInputSource(binding, type))
  const wantedOutputs = compileWantedOutputs(field.shape)
  const shape = compileShape(field.shape)

  return (parent, args, contextValue, info) => {
    const call: FieldCall = { parent, args, contextValue, info }
    const inputs: unknown[] = new Array(sources.length)
    let waiting = false
    for (let i = 0; i < sources.length; i++) {
      const value = sources[i](call)
      if (value === UNKNOWN_ENTITY) return null
      if (typeof (value as Promise<unknown> | null | undefined)?.then === 'function') waiting = true
      inputs[i] = value
    }
    const wanted = wantedOutputs(info)
    const predictions = predictionsOf(contextValue.request, serving)
    const load = (values: readonly unknown[]) =>
      predictions.load(field, values, wanted).then((row) => shape(row, wanted))
    return waiting ? Promise.all(inputs).then(load) : load(inputs)
  }
}

/** Turns one row of outputs into the field's value; the field's type does the rest. */
function compileShape(shape: OutputShape): (row: PredictedRow, wanted: readonly string[]) => unknown {
  if (shape.kind !== 'object') return ({ prediction, row }) => prediction.outputs[shape.output][row]
  return ({ prediction, row }, wanted) => {
    const value: Record<string, unknown> = {}
    for (const output of wanted) value[output] = prediction.outputs[output][row]
    return value
  }
}
