import { PresageError } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import type { Caller } from '../../lib/request/caller'
import type { Pace } from '../../lib/scheduling/turns'
import type { Model } from '../../models/contracts/model'
import type { RowTaker } from './cacheUse'
import { ModelCalls, type Prediction } from './modelCalls'

/** All outputs of a row by name, or why it could not be predicted. */
export type TriedRow = Readonly<Record<string, unknown>> | PresageError

/** All outputs of a row by name, each its value or why it has none. */
export type TriedOutputs = Readonly<Record<string, unknown>>

interface TryOptions {
  /** In the clock's milliseconds. */
  readonly deadline: number
  readonly caller?: Caller
  /** With it, rows are validated when their turn comes. */
  readonly pace?: Pace
}

/**
 * Runs a model version on rows of its features, without rules or objectives. Returns one answer per row, in order.
 * Features that the version does not declare are ignored, as for fields.
 */
export async function tryRows(
  model: Model,
  taker: RowTaker,
  rows: readonly unknown[],
  options: TryOptions,
): Promise<TriedRow[]> {
  const wanted = model.outputs.map((output) => output.name)
  const predict = await predictorOf(model, taker, rows, options)
  const { outputs, errors } = await predict(wanted)
  return rows.map((_, row) => {
    return errors[row] ?? Object.fromEntries(wanted.map((output) => [output, outputs[output][row]]))
  })
}

/** As `tryRows`, but builds each output as if nobody asked for another: one that cannot be built fails alone. */
export async function tryOutputs(
  model: Model,
  taker: RowTaker,
  rows: readonly unknown[],
  options: TryOptions,
): Promise<TriedOutputs[]> {
  const predict = await predictorOf(model, taker, rows, options)
  const wanted = model.outputs.map((output) => output.name)
  const predictions = await Promise.all(wanted.map((name) => predict([name])))
  return rows.map((_, row) => {
    const values = predictions.map(
      ({ outputs, errors }, at) => [wanted[at], errors[row] ?? outputs[wanted[at]][row]] as const,
    )
    return Object.fromEntries(values)
  })
}

/** Validates rows; the function predicts outputs of them, and runs the graph once however often it is called. */
async function predictorOf(
  model: Model,
  taker: RowTaker,
  rows: readonly unknown[],
  { deadline, caller, pace }: TryOptions,
): Promise<(wanted: readonly string[]) => Promise<Prediction>> {
  const objects = rows.map((row) => (isMap(row) ? row : undefined))
  const raw = model.features.map((feature) => objects.map((row) => ownValue(row, feature.name)))
  const validate = () => model.validate(raw, objects.length)
  const admitted = pace === undefined ? validate() : await pace.piece(validate)
  const errors = objects.map((row, i) => (row === undefined ? notAnObject(rows[i]) : admitted.errors?.[i]))
  const calls = new ModelCalls(model, taker, caller)
  return (wanted) => calls.predict(admitted.columns, objects.length, { errors, wanted, deadline })
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
