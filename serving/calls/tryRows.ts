import { PresageError } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import type { Caller } from '../../lib/request/caller'
import type { Pace } from '../../lib/scheduling/turns'
import type { Model } from '../../models/contracts/model'
import type { RowTaker } from './cacheUse'
import { ModelCalls } from './modelCalls'

/** All outputs of a row by name, or why it could not be predicted. */
export type TriedRow = Readonly<Record<string, unknown>> | PresageError

/**
 * Runs a model version on rows of its features, without rules or objectives. Returns one answer per row, in order.
 * Features that the version does not declare are ignored, as for fields. `deadline` is in the clock's milliseconds. With
 * `pace`, they are validated when their turn comes.
 */
export async function tryRows(
  model: Model,
  taker: RowTaker,
  rows: readonly unknown[],
  options: { readonly deadline: number; readonly caller?: Caller; readonly pace?: Pace },
): Promise<TriedRow[]> {
  const objects = rows.map((row) => (isMap(row) ? row : undefined))
  const raw = model.features.map((feature) => objects.map((row) => ownValue(row, feature.name)))
  const { deadline, caller, pace } = options
  const validate = () => model.validate(raw, objects.length)
  const admitted = pace === undefined ? validate() : await pace.piece(validate)
  const errors = objects.map((row, i) => (row === undefined ? notAnObject(rows[i]) : admitted.errors?.[i]))
  const wanted = model.outputs.map((output) => output.name)
  const calls = new ModelCalls(model, taker, caller)
  const { outputs, errors: failed } = await calls.predict(admitted.columns, objects.length, {
    errors,
    wanted,
    deadline,
  })
  return objects.map((_, row) => {
    return failed[row] ?? Object.fromEntries(wanted.map((output) => [output, outputs[output][row]]))
  })
}

/** The public form of a row: its outputs, or `{ error: { code, message } }`. */
export function shownRow(row: TriedRow): object {
  return row instanceof PresageError ? { error: { code: row.code, message: row.message } } : row
}

/** Own properties only: a feature called `constructor` is absent unless it was sent. */
function ownValue(row: object | undefined, name: string): unknown {
  return row !== undefined && Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined
}

function notAnObject(row: unknown): PresageError {
  const what = row === null ? 'null' : Array.isArray(row) ? 'a list' : `a ${typeof row}`
  return new PresageError('BAD_FEATURE', `a row must be an object of features, got ${what}`)
}
