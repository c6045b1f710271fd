import type { Column } from '../../lib/column'
import type { PresageError } from '../../lib/errors'
import type { Model } from '../../models/contracts/model'
import type { Tensor, TensorData, Tensors } from '../../models/types/tensor'
import type { BatchRun, Submission } from './submission'

/** Consecutive rows of one submission inside a batch. */
export interface Part {
  readonly submission: Submission
  readonly from: number
  readonly rows: number
}

export function countRows(parts: readonly Part[]): number {
  let rows = 0
  for (const part of parts) rows += part.rows
  return rows
}

/**
 * The parts that are still worth a run; the same array if all are. Answers parts whose deadline has passed, and parts
 * whose caller has gone unless another run has them (`isRunning`) and will answer them.
 */
export function livingParts(parts: readonly Part[], now: number, isRunning: boolean): readonly Part[] {
  let dead = 0
  for (const { submission, from, rows } of parts) {
    if (submission.deadline <= now) submission.expire(now)
    else if (submission.isCancelled && !isRunning)
      submission.settle(from, { rows, error: submission.cancelledError() })
    if (isDead(submission, isRunning)) dead++
  }
  return dead === 0 ? parts : parts.filter((part) => !isDead(part.submission, isRunning))
}

function isDead(submission: Submission, isRunning: boolean): boolean {
  return submission.isSettled || (submission.isCancelled && !isRunning)
}

/** The number of rows: the first dimension of any tensor. */
export function rowsOf(tensors: Tensors): number {
  for (const name in tensors) return tensors[name].dims[0]
  return 0
}

/** The graph's inputs for these parts, in order. Built anew for each run, because the worker takes the buffers away. */
export function buildTensors(model: Model, parts: readonly Part[], rows: number): Tensors {
  return model.preprocess(joinColumns(model, parts), rows)
}

/** Gives each part its rows of the outputs, as views. `began` is when the run began, in the clock's milliseconds. */
export function deliver(parts: readonly Part[], outputs: Tensors, run: BatchRun, began: number): void {
  const { rows } = run
  let from = 0
  for (const part of parts) {
    const tensors = part.rows === rows ? outputs : viewRows(outputs, rows, from, part.rows)
    const queueMs = began - part.submission.submittedAt
    part.submission.settle(part.from, { rows: part.rows, tensors, run, queueMs })
    from += part.rows
  }
}

export function fail(parts: readonly Part[], error: PresageError): void {
  for (const part of parts) part.submission.settle(part.from, { rows: part.rows, error })
}

/** The first half of the rows and the rest, in order. */
export function halves(parts: readonly Part[], rows: number): [readonly Part[], readonly Part[]] {
  const first: Part[] = []
  const second: Part[] = []
  let room = Math.ceil(rows / 2)
  for (const part of parts) {
    const taken = Math.min(part.rows, room)
    room -= taken
    if (taken > 0) first.push({ ...part, rows: taken })
    if (taken < part.rows) second.push({ ...part, from: part.from + taken, rows: part.rows - taken })
  }
  return [first, second]
}

const noColumn: Column = []

/** One column per feature that preprocessing reads; the others stay empty. */
function joinColumns(model: Model, parts: readonly Part[]): readonly Column[] {
  const [first] = parts
  if (parts.length === 1 && first.rows === first.submission.rows) return first.submission.columns
  const columns: Column[] = new Array(model.features.length).fill(noColumn)
  for (const feature of model.identity)
    columns[feature] = noColumn.concat(...parts.map((part) => columnOf(part, feature)))
  return columns
}

function columnOf({ submission, from, rows }: Part, feature: number): Column {
  const column = submission.columns[feature]
  return rows === submission.rows ? column : column.slice(from, from + rows)
}

function viewRows(outputs: Tensors, rows: number, from: number, count: number): Tensors {
  const views: Record<string, Tensor> = {}
  for (const name in outputs) {
    const tensor = outputs[name]
    const width = tensor.data.length / rows
    const dims = [count, ...tensor.dims.slice(1)]
    const start = from * width
    const end = start + count * width
    views[name] =
      tensor.type === 'string'
        ? { type: tensor.type, dims, data: tensor.data.slice(start, end) }
        : { type: tensor.type, dims, data: tensor.data.subarray(start, end) as TensorData }
  }
  return views
}
