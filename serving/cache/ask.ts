import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { BatchRun, Segment, SubmitOptions } from '../../workers/shard'
import type { CachedSegment, CacheUse, RowTaker } from '../calls/cacheUse'
import { type KeptRow, tensorsOf } from './keptRow'

/** Distinct rows that a request asks for together. */
export interface Ask {
  readonly key: string
  readonly columns: readonly Column[]
  readonly keys: readonly string[]
  readonly options: SubmitOptions
  readonly answer: CachedAnswer
}

/** Has the shard predict some rows. A refusal is the error of these rows alone: others may be cached. */
export async function taken(taker: RowTaker, ask: Ask, rows: readonly number[]): Promise<readonly Segment[]> {
  try {
    return await taker.submit(ask.key, columnsOf(ask, rows), rows.length, ask.options)
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    return [{ rows: rows.length, error }]
  }
}

/** The columns of some rows; the original columns if that is all rows. */
export function columnsOf({ columns, keys }: Ask, rows: readonly number[]): readonly Column[] {
  return rows.length === keys.length ? columns : columns.map((column) => pick(column, rows))
}

/** The values at some places, in the order of the places. */
export function pick<T>(values: readonly T[], places: readonly number[]): T[] {
  const picked: T[] = new Array(places.length)
  for (let at = 0; at < places.length; at++) picked[at] = values[places[at]]
  return picked
}

/** Assembles the answer to rows, some of which were cached, some predicted, and some predicted for other requests. */
export class CachedAnswer {
  private readonly kept: (KeptRow | undefined)[]
  private readonly errors: (PresageError | undefined)[]
  private readonly uses: CacheUse[]
  /** The segment that answered each row; undefined for cached rows. */
  private readonly segments: (Segment | undefined)[]

  constructor(
    readonly rows: number,
    private readonly isExplained: boolean,
  ) {
    this.kept = new Array<KeptRow | undefined>(rows).fill(undefined)
    this.errors = new Array<PresageError | undefined>(rows).fill(undefined)
    this.uses = new Array<CacheUse>(rows).fill('hit')
    this.segments = new Array<Segment | undefined>(rows).fill(undefined)
  }

  /** Adds a cached row. */
  hit(row: number, kept: KeptRow): void {
    this.kept[row] = kept
  }

  /** Adds a row that was predicted or found, for this request or another one. */
  made(row: number, kept: KeptRow, use: CacheUse, segment: Segment | undefined): void {
    this.kept[row] = kept
    this.uses[row] = use
    this.segments[row] = segment
  }

  fail(row: number, error: PresageError): void {
    this.errors[row] = error
  }

  /** The segments in row order: a single one if nothing tells the rows apart. */
  toSegments(): CachedSegment[] {
    const segments: CachedSegment[] = []
    for (let from = 0; from < this.rows; ) {
      let to = from + 1
      while (to < this.rows && this.isAlike(from, to)) to++
      segments.push(this.segment(from, to))
      from = to
    }
    return segments
  }

  private isAlike(one: number, other: number): boolean {
    if (this.errors[one] !== this.errors[other]) return false
    if (this.kept[one]?.layout.text !== this.kept[other]?.layout.text) return false
    if (!this.isExplained) return true
    return this.uses[one] === this.uses[other] && this.segments[one] === this.segments[other]
  }

  private segment(from: number, to: number): CachedSegment {
    const rows = to - from
    const error = this.errors[from]
    if (error !== undefined) return { rows, error }
    const made = this.segments[from]
    const { run, queueMs } = made?.tensors === undefined ? notRun : made
    const tensors = tensorsOf(this.kept.slice(from, to) as KeptRow[])
    return { rows, tensors, run, queueMs, ...(this.isExplained && { cache: this.uses[from] }) }
  }
}

const notRun: { readonly run: BatchRun; readonly queueMs: number } = Object.freeze({
  run: Object.freeze({ worker: 'cache', rows: 0, computeMs: 0 }),
  queueMs: 0,
})
