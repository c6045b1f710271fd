import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { ListNode } from '../../lib/linkedList'
import type { Caller } from '../../lib/request/caller'
import type { TraceContext } from '../../lib/request/traceContext'
import type { FairPlace } from '../../lib/scheduling/fairQueue'
import type { Model } from '../../models/contracts/model'
import { type Tensors, viewRows } from '../../models/types/tensor'

export interface BatchRun {
  /** The worker's id. */
  readonly worker: string
  /** The rows of the whole batch, of all requests. */
  readonly rows: number
  /** Time inside the runtime, in milliseconds. */
  readonly computeMs: number
}

/**
 * Consecutive rows of a submission with one outcome. `tensors` are views on the batch's output. `queueMs` is the time
 * from their submission to the start of the run that answered them.
 */
export type Segment =
  | {
      readonly rows: number
      readonly tensors: Tensors
      readonly run: BatchRun
      readonly queueMs: number
      readonly error?: undefined
    }
  | { readonly rows: number; readonly error: PresageError; readonly tensors?: undefined }

/** Rows that one caller submitted together, and their outcomes so far. */
export class Submission {
  /** How many rows were given to batches; the rest wait. */
  taken = 0
  /** Resolves once every row has its segment: segments in order that together cover all rows. */
  readonly answer: Promise<readonly Segment[]>
  private resolve!: (segments: readonly Segment[]) => void
  /** Undefined while there are none, as of a submission that is answered whole. */
  private pieces: Piece[] | undefined
  private answered = 0
  /** Its entries in its owner's lists of open and of waiting submissions. */
  openPlace: ListNode<Submission> | undefined
  waitingPlace: FairPlace<Submission> | undefined
  /** The client that submitted it; empty if unknown, so that unknown callers count as one client. */
  readonly client: string
  /** Called when the caller goes; undefined unless its owner listens. */
  private listener: (() => void) | undefined

  constructor(
    private readonly key: string,
    readonly columns: readonly Column[],
    readonly rows: number,
    readonly submittedAt: number,
    readonly deadline: number,
    /** As in `SubmitOptions`, with the default filled in. */
    readonly priority: number,
    readonly caller: Caller | undefined,
    private readonly owner: SubmissionOwner,
  ) {
    this.client = caller?.client ?? ''
    this.answer = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  get isSettled(): boolean {
    return this.answered === this.rows
  }

  get waitingRows(): number {
    return this.rows - this.taken
  }

  /** Whether the caller has gone, so that its rows are not worth another run. */
  get isCancelled(): boolean {
    return this.caller?.isAborted === true
  }

  /** Whether its client is crowding this thread. */
  get isCrowding(): boolean {
    return this.caller?.isCrowding === true
  }

  /** The error for rows whose caller has gone. */
  cancelledError(): PresageError {
    return new PresageError('CANCELLED', `${this.key}: the caller has gone`)
  }

  /** Tells the owner when the caller goes, until every row is answered. */
  listen(): void {
    if (this.caller === undefined || this.listener !== undefined) return
    this.listener = () => this.owner.cancel(this)
    this.caller.onLeave(this.listener)
  }

  /** Answers rows `from` to `from + segment.rows`. An answer after all rows are settled is dropped. */
  settle(from: number, segment: Segment): void {
    if (this.isSettled) return
    this.answered += segment.rows
    if (segment.rows === this.rows) {
      this.finish([segment])
      return
    }
    this.pieces ??= []
    this.pieces.push({ from, segment })
    if (this.isSettled) this.finish(this.pieces.sort(byRow).map((piece) => piece.segment))
  }

  /** Called when the deadline has passed: refuses every row without an answer, including running ones. */
  expire(now: number): void {
    const waited = Math.round(now - this.submittedAt)
    this.failRest(
      new PresageError(
        'DEADLINE_EXCEEDED',
        `${this.key}: no answer before the deadline, waited ${waited} ms`,
      ),
    )
  }

  private failRest(error: PresageError): void {
    if (this.isSettled) return
    let from = 0
    for (const piece of [...(this.pieces ?? [])].sort(byRow)) {
      if (piece.from > from) this.settle(from, { rows: piece.from - from, error })
      from = piece.from + piece.segment.rows
    }
    if (from < this.rows) this.settle(from, { rows: this.rows - from, error })
  }

  private finish(segments: readonly Segment[]): void {
    this.resolve(segments)
    this.pieces = undefined
    if (this.listener !== undefined) this.caller?.offLeave(this.listener)
    this.owner.close(this)
  }
}

/** Keeps submissions until they are answered. */
export interface SubmissionOwner {
  /** Called when the caller has gone, if `listen` was called. */
  cancel(submission: Submission): void
  /** Called once, when every row has its answer. */
  close(submission: Submission): void
}

interface Piece {
  readonly from: number
  readonly segment: Segment
}

function byRow(a: Piece, b: Piece): number {
  return a.from - b.from
}

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

  constructor(
    /** Those that were answered before its last run are left out. */
    public parts: readonly Part[],
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
    return this.parts.every(({ submission }) => submission.isSettled || submission.isCancelled)
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
