import { PresageError } from '../../lib/errors'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { shownRow, tryRows } from '../calls/tryRows'
import type { PredictionRuntime } from './predictionRuntime'
import { RowLimits } from './predictions'

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
    throw new PresageError(
      'TOO_MANY_ROWS',
      `tryModel takes at most ${MAX_ROWS} rows, got ${features.length}`,
      { limit: 'tryModel', count: features.length, maximum: MAX_ROWS },
    )
  }
  const { status, model } = runtime.registry.find(name, 'platform')
  const { error: tooMany } = new RowLimits(runtime.maxRows, request.usage).take(features.length)
  if (tooMany !== undefined) throw tooMany
  const shard = runtime.shards.get(status.shards[0])!
  const tried = await tryRows(model, shard, features, { deadline: request.deadline, caller: request })
  return tried.map(shownRow)
}
