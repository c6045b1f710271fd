import { type GraphQLFieldResolver, type ResponsePath, responsePathAsArray } from 'graphql'
import { PresageError } from '../../lib/errors'
import { isPromise } from '../../lib/isPromise'
import type { Explain } from '../../lib/request/explain'
import type { PredictionField } from '../../schema/fields/plan'
import type { FieldCall } from '../inputs/fieldCall'
import { type InputSource, UNKNOWN_ENTITY } from '../inputs/inputSource'
import type { SubgraphContext } from '../inputs/subgraphContext'
import { askedBy } from '../requests/askedBy'
import { FieldFacts } from '../requests/explainRows'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { predictionsOf } from '../requests/predictions'
import type { TellRow } from '../requests/rowLoaders'
import type { CompiledPrediction } from './compilePrediction'

/** The resolver of one `@predict` field: collects a row's inputs and asks for its prediction. */
export function predictionResolver(
  prediction: CompiledPrediction,
  runtime: PredictionRuntime,
): GraphQLFieldResolver<unknown, SubgraphContext> {
  const { field, wantedOutputs, shape } = prediction
  const collect = compileInputs(prediction.sources)
  const explain = (error: unknown): never => {
    throw prediction.explain(error)
  }
  const failed = (error: unknown): never => {
    if (error instanceof PresageError) runtime.countFailures(askedBy(field), error.code, 1)
    throw error
  }

  return (parent, args, contextValue, info) => {
    const wanted = wantedOutputs(info)
    const { request } = contextValue
    const predictions = predictionsOf(request, runtime)
    const tell = request.explain && teller(field, request.explain, info.path)
    const load = (inputs: readonly unknown[]) =>
      predictions
        .load(field, inputs, wanted, tell)
        .then(({ prediction, row }) => shape(prediction, row, wanted), explain)
    const notCollected =
      tell === undefined
        ? failed
        : (error: unknown): never => {
            tell(undefined, error)
            return failed(error)
          }
    let inputs: ReturnType<typeof collect>
    try {
      inputs = collect({ parent, args, contextValue, info })
    } catch (error) {
      return notCollected(error)
    }
    if (inputs === UNKNOWN_ENTITY) return null
    return isPromise(inputs) ? (inputs as Promise<readonly unknown[]>).then(load, notCollected) : load(inputs)
  }
}

/** Tells of one row, at its place. */
function teller(field: PredictionField, explain: Explain, path: ResponsePath): TellRow {
  return (facts, error) => explain.add(responsePathAsArray(path), new FieldFacts(field).of(facts, error))
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
