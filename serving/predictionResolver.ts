import { type GraphQLFieldResolver, type GraphQLObjectType, getNullableType, isObjectType } from 'graphql'
import { PresageError } from '../lib/errors'
import { isPromise } from '../lib/isPromise'
import type { InputBinding, PredictionField } from '../schema/plan'
import { valuesOfNames } from './enumValues'
import type { FieldCall } from './fieldCall'
import { compileInputSource, type InputSource, UNKNOWN_ENTITY } from './inputSource'
import { askedBy, type PredictedRow, predictionsOf } from './predictions'
import type { Serving } from './serving'
import type { SubgraphContext } from './subgraphContext'
import { compileWantedOutputs } from './wantedOutputs'

/** The resolver of one `@predict` field: collects the row's inputs, asks for the prediction, shapes the outputs. */
export function predictionResolver(
  field: PredictionField,
  type: GraphQLObjectType,
  serving: Serving,
): GraphQLFieldResolver<unknown, SubgraphContext> {
  const collect = compileInputs(field.inputs.map(({ binding }) => compileInputSource(binding, field, type)))
  const wantedOutputs = compileWantedOutputs(field.shape)
  const shape = compileShape(field, type)
  const nameSource = compileNameSource(field)
  const failed = (error: unknown): never => {
    if (error instanceof PresageError) serving.countFailures(askedBy(field), error.code, 1)
    throw error
  }

  return (parent, args, contextValue, info) => {
    const wanted = wantedOutputs(info)
    const predictions = predictionsOf(contextValue.request, serving)
    const load = (inputs: readonly unknown[]) =>
      predictions.load(field, inputs, wanted).then((row) => shape(row, wanted), nameSource)
    let inputs: ReturnType<typeof collect>
    try {
      inputs = collect({ parent, args, contextValue, info })
    } catch (error) {
      return failed(error)
    }
    if (inputs === UNKNOWN_ENTITY) return null
    return isPromise(inputs) ? inputs.then(load, failed) : load(inputs)
  }
}

/** A refused input is the model's word; a client knows where it came from, such as an argument. Rethrows with that. */
function compileNameSource({ inputs }: PredictionField): (error: unknown) => never {
  const sources = new Map(inputs.map(({ spec, binding }) => [spec.name, sourceOf(binding)]))
  return (error) => {
    if (!(error instanceof PresageError) || error.code !== 'BAD_FEATURE') throw error
    const { details } = error
    const source = sources.get(String(details?.['input'])) ?? sources.get(String(details?.['feature']))
    if (source === undefined) throw error
    throw new PresageError(error.code, `${error.message} (from ${source})`, { ...details, source })
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

type Inputs = readonly unknown[]

/** Reads a row's inputs, in their order; as a promise only where one of them is one. */
function compileInputs(
  sources: readonly InputSource[],
): (call: FieldCall) => Inputs | Promise<Inputs> | typeof UNKNOWN_ENTITY {
  return (call) => {
    const inputs: unknown[] = new Array(sources.length)
    let waiting = false
    try {
      for (let i = 0; i < sources.length; i++) {
        const value = sources[i](call)
        if (value === UNKNOWN_ENTITY) {
          if (waiting) abandon(inputs)
          return UNKNOWN_ENTITY
        }
        if (isPromise(value)) waiting = true
        inputs[i] = value
      }
    } catch (error) {
      if (waiting) abandon(inputs)
      throw error
    }
    return waiting ? Promise.all(inputs) : inputs
  }
}

/** Nobody waits for these any more; should one of them fail, it must not end the process. */
function abandon(inputs: readonly unknown[]): void {
  for (const input of inputs) if (isPromise(input)) input.then(undefined, () => {})
}

/** Turns one row of outputs into the field's value; the field's type does the rest. */
function compileShape(
  { shape, outputs, field }: PredictionField,
  type: GraphQLObjectType,
): (row: PredictedRow, wanted: readonly string[]) => unknown {
  const declared = getNullableType(type.getFields()[field].type)
  const turns = new Map(
    outputs.map(({ name, type: output }) => {
      const place =
        shape.kind === 'object' && isObjectType(declared) ? declared.getFields()[name].type : declared
      return [name, valuesOfNames(output, place) ?? unturned] as const
    }),
  )
  if (shape.kind !== 'object') {
    const turn = turns.get(shape.output)!
    return ({ prediction, row }) => turn(prediction.outputs[shape.output][row])
  }
  return ({ prediction, row }, wanted) => {
    const value: Record<string, unknown> = {}
    for (const output of wanted) value[output] = turns.get(output)!(prediction.outputs[output][row])
    return value
  }
}

function unturned(value: unknown): unknown {
  return value
}
