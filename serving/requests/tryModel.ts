import { PresageError } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { ModelCalls } from '../calls/modelCalls'
import { rowLimitsOf } from '../rules/rowLimits'
import type { PredictionRuntime } from './predictionRuntime'

const MAX_ROWS = 1000

/**
 * Runs one model version on rows of features, without routing. Returns one object of outputs per row, in order; for a
 * row that cannot be predicted, `{ error: { code, message } }`. Features that the version does not declare are ignored,
 * as for fields. The rows count as prediction rows of the request. Throws TOO_MANY_ROWS, MODEL_NOT_FOUND or
 * MODEL_NOT_READY.
 */
export async function tryModel(
  runtime: PredictionRuntime,
  request: ClientRequest,
  name: string,
  features: readonly unknown[],
): Promise<unknown[]> {
  if (features.length > MAX_ROWS) {
    throw new PresageError('TOO_MANY_ROWS', `tryModel takes at most ${MAX_ROWS} rows, got ${features.length}`)
  }
  const { status, model } = runtime.registry.find(name, 'platform')
  const { error: tooMany } = rowLimitsOf(request, runtime).take(features.length)
  if (tooMany !== undefined) throw tooMany
  const shard = runtime.shards.get(status.shards[0])!
  const objects = features.map((row) => (isMap(row) ? row : undefined))
  const raw = model.features.map((feature) => objects.map((row) => ownValue(row, feature.name)))
  const admitted = model.validate(raw, objects.length)
  const errors = objects.map((row, i) =>
    row === undefined ? notAnObject(features[i]) : admitted.errors?.[i],
  )
  const wanted = model.outputs.map((output) => output.name)
  const calls = new ModelCalls(model, shard, request)
  const { outputs, errors: failed } = await calls.predict(admitted.columns, objects.length, {
    errors,
    wanted,
    deadline: request.deadline,
  })
  return objects.map((_, row) => {
    const error = failed[row]
    if (error !== undefined) return { error: { code: error.code, message: error.message } }
    return Object.fromEntries(wanted.map((output) => [output, outputs[output][row]]))
  })
}

/** Own properties only: a feature called `constructor` is absent unless it was sent. */
function ownValue(row: object | undefined, name: string): unknown {
  return row !== undefined && Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined
}

function notAnObject(row: unknown): PresageError {
  const what = row === null ? 'null' : Array.isArray(row) ? 'a list' : `a ${typeof row}`
  return new PresageError('BAD_FEATURE', `a row must be an object of features, got ${what}`)
}
