import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Caller } from '../../lib/request/caller'
import type { FairPlace } from '../../lib/scheduling/fairQueue'
import type { ListNode } from '../../lib/scheduling/linkedList'
import type { Tensors } from '../../models/types/tensor'

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
  private pieces: readonly Piece[] = noPieces
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
    this.pieces = [...this.pieces, { from, segment }]
    if (this.isSettled) this.finish([...this.pieces].sort(byRow).map((piece) => piece.segment))
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
    for (const piece of [...this.pieces].sort(byRow)) {
      if (piece.from > from) this.settle(from, { rows: piece.from - from, error })
      from = piece.from + piece.segment.rows
    }
    if (from < this.rows) this.settle(from, { rows: this.rows - from, error })
  }

  private finish(segments: readonly Segment[]): void {
    this.resolve(segments)
    this.pieces = noPieces
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

const noPieces: readonly Piece[] = []

interface Piece {
  readonly from: number
  readonly segment: Segment
}

function byRow(a: Piece, b: Piece): number {
  return a.from - b.from
}
