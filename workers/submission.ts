import type { Column } from '../lib/column'
import { PresageError } from '../lib/errors'
import type { Tensors } from '../models/tensor'

/** Consecutive rows of a submission that share their fate. `tensors` are views on the batch's output. */
export type Segment =
  | { readonly rows: number; readonly tensors: Tensors; readonly error?: undefined }
  | { readonly rows: number; readonly error: PresageError; readonly tensors?: undefined }

/** Rows that one caller handed in together, and what has become of them so far. */
export class Submission {
  /** Rows handed over to batches; those after them wait. */
  taken = 0
  /** Set when the caller has gone: its rows are not worth another run. */
  cancelled: PresageError | undefined
  /** Segments in order, together covering all rows, once every row has one. */
  readonly answer: Promise<readonly Segment[]>
  private resolve!: (segments: readonly Segment[]) => void
  private pieces: Piece[] = []
  private answered = 0

  /** Takes back the listener on the caller's signal. */
  stopListening = () => {}

  constructor(
    private readonly key: string,
    readonly columns: readonly Column[],
    readonly rows: number,
    readonly submittedAt: number,
    readonly deadline: number,
    /** Called once, when every row has its answer. */
    private readonly settled: (submission: Submission) => void,
  ) {
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

  /** Answers rows `from` to `from + segment.rows`. An answer that comes after all rows had theirs is dropped. */
  settle(from: number, segment: Segment): void {
    if (this.isSettled) return
    this.pieces.push({ from, segment })
    this.answered += segment.rows
    if (this.isSettled) this.finish()
  }

  /** The deadline has passed: every row without an answer is refused, also those that are running. */
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

  private finish(): void {
    if (this.pieces.length > 1) this.pieces.sort(byRow)
    this.resolve(this.pieces.map((piece) => piece.segment))
    this.pieces = []
    this.settled(this)
  }
}

interface Piece {
  readonly from: number
  readonly segment: Segment
}

function byRow(a: Piece, b: Piece): number {
  return a.from - b.from
}
