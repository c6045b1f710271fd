import type { Column } from '../../lib/column'
import type { PresageError } from '../../lib/errors'
import type { TraceContext } from '../../lib/request/traceContext'
import type { ListNode } from '../../lib/scheduling/linkedList'
import type { Model } from '../../models/contracts/model'
import type { Tensor, TensorData, Tensors } from '../../models/types/tensor'
import type { BatchRun, Submission } from './submission'

/** Consecutive rows of one submission inside a batch. */
export interface Part {
  readonly submission: Submission
  readonly from: number
  readonly rows: number
}

/** Rows that go to a worker together, and the state of their runs. */
export class Batch {
  /** Unfinished runs: two if the batch was hedged. */
  running = 0
  /** Its entry among the batches that may be hedged. */
  hedgePlace: ListNode<Batch> | undefined
  /** Whether it waits for another run. */
  queued = false
  hedged = false
  /** Lost workers that may have died of its rows. */
  losses = 0
  /** Whether every row has its answer, or has moved to another batch. */
  done = false
  /** When it is sent to a second worker, in the clock's milliseconds. */
  hedgeAt = Number.POSITIVE_INFINITY
  /** When its oldest row was submitted, and the earliest and the latest deadline of its callers. */
  readonly since: number
  readonly deadline: number
  readonly lastDeadline: number
  /** The worker of its last run; another one should run it again. */
  ranOn: string | undefined
  /** Those of its unfinished runs that can be ended early. */
  readonly cancellable: AbortController[] = []
  /** What its last run was given. */
  ranParts: readonly Part[] = []

  constructor(
    readonly parts: readonly Part[],
    /** Shared by all pieces of a batch that the runtime refused. */
    readonly bisection?: { extraRuns: number },
  ) {
    let since = Number.POSITIVE_INFINITY
    let deadline = Number.POSITIVE_INFINITY
    let lastDeadline = 0
    for (const { submission } of parts) {
      if (submission.submittedAt < since) since = submission.submittedAt
      if (submission.deadline < deadline) deadline = submission.deadline
      if (submission.deadline > lastDeadline) lastDeadline = submission.deadline
    }
    this.since = since
    this.deadline = deadline
    this.lastDeadline = lastDeadline
  }

  /**
   * The trace of the first of its requests that has one: a call can belong to one trace only. Read where a batch leaves
   * this machine, and nowhere else.
   */
  get trace(): TraceContext | undefined {
    for (const { submission } of this.parts) {
      const trace = submission.caller?.trace
      if (trace !== undefined) return trace
    }
    return undefined
  }

  /** The client of all its rows; undefined if they are of several. Read as seldom as the trace. */
  get client(): string | undefined {
    const { client } = this.parts[0].submission
    return this.parts.every(({ submission }) => submission.client === client) ? client : undefined
  }

  /** Whether every caller has gone or has its answer. */
  get isUnwanted(): boolean {
    return this.ranParts.every(({ submission }) => submission.isSettled || submission.isCancelled)
  }

  /** Ends its other runs. */
  cancel(why: CancelReason): void {
    for (const controller of this.cancellable.splice(0)) controller.abort(why)
  }
}

/** Why a run is not needed any more: another one of its batch has answered, or nobody waits for the batch. */
export type CancelReason = 'outrun' | 'unwanted'

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

/** The rows of these parts, in order: one column per feature that preprocessing reads; the others stay empty. */
export function joinColumns(model: Model, parts: readonly Part[]): readonly Column[] {
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

export interface BatchLimits {
  readonly maxRows: number
  /** How long an idle worker waits for more rows. */
  readonly maxDelayMs: number
}

/**
 * When waiting rows may go to an idle worker, in the clock's milliseconds: a full batch at once, fewer rows once the
 * oldest has waited for `maxDelayMs`. Infinity if nothing waits.
 */
export function dueAt(waitingRows: number, oldest: number, limits: BatchLimits): number {
  if (waitingRows === 0) return Number.POSITIVE_INFINITY
  return waitingRows >= limits.maxRows ? oldest : oldest + limits.maxDelayMs
}

/** How many waiting rows the next batch takes. */
export function rowsToCut(waitingRows: number, limits: BatchLimits): number {
  return Math.min(waitingRows, limits.maxRows)
}

/**
 * Whether to leave the `rows` of a submission for the next batch instead of splitting them. They must fit whole into a
 * batch of `most` rows, and the current batch, with `room` left, must be at least half full without them.
 */
export function isKeptWhole(rows: number, room: number, most: number): boolean {
  return rows > room && rows <= most && room <= most / 2
}

/**
 * The least time until a row with `rowsAhead` waiting rows before it is answered, in milliseconds: full batches in
 * parallel on all workers, then the run with the row itself. `estimate` gives the time of a run with so many rows.
 */
export function leastWait(
  rowsAhead: number,
  maxRows: number,
  workers: number,
  estimate: (rows: number) => number,
): number {
  const rounds = Math.floor(rowsAhead / maxRows / workers)
  return (rounds > 0 ? rounds * estimate(maxRows) : 0) + estimate((rowsAhead % maxRows) + 1)
}

/**
 * Whether to hold rows that came in this turn of the event loop for another turn, although a worker is idle. Requests
 * that were sent together do not arrive together: the loop accepts one connection per turn, so each would run alone.
 * Rows are held while every turn brings another caller, until there are enough callers for a worthwhile run, and for at
 * most a tenth of the first one's time. An empty turn takes next to no time. Not called if the first caller is alone:
 * then nobody follows.
 */
export function isGathering(callers: number, waitedMs: number, timeMs: number): boolean {
  return callers < enoughCallers && waitedMs < timeMs / 10
}

const enoughCallers = 8
