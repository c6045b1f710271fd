import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Caller } from '../../lib/request/caller'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Model, RowErrors } from '../../models/contracts/model'
import type { Tensors } from '../../models/types/tensor'
import type { CachedSegment, RowTaker } from './cacheUse'
import { RowIndex, rowIdentityOf } from './rowIndex'

/** Outputs by name, one value per row; rows with an error have no values. */
export interface Prediction {
  readonly outputs: Readonly<Record<string, Column>>
  /** One entry per row, or empty if no row has an error. */
  readonly errors: RowErrors
  /** By row, the segment that answered it; only if explanations were asked for. */
  readonly segments?: readonly (CachedSegment | undefined)[]
  /** By row, its explanation; only if explanations were asked for. */
  readonly facts?: readonly (ExplainFacts | undefined)[]
}

const noErrors: RowErrors = Object.freeze([])

/** Of no rows, or where nothing was predicted. */
export const noPrediction: Prediction = Object.freeze({ outputs: {}, errors: noErrors })

interface CallOptions {
  readonly errors: RowErrors | undefined
  readonly wanted: readonly string[]
  readonly deadline: number
  readonly isExplained?: boolean
}

/** Distinct rows that were submitted together. */
interface Wave {
  readonly from: number
  readonly to: number
  readonly segments: Promise<readonly CachedSegment[]>
}

/** A segment, and the rows that it answers. Its distinct rows are `from` to `to - 1`. */
interface Piece {
  readonly segment: CachedSegment
  readonly from: number
  readonly to: number
  readonly rows: number[]
}

/**
 * The calls of one client request to one model version on one shard, or to the cache in front of it. Rows that equal an
 * earlier row of the request share its inference, whichever field asked. Outputs are still built for every row, since
 * they may depend on features that the graph does not read.
 */
export class ModelCalls {
  private readonly rows: RowIndex
  private readonly waves: Wave[] = []

  constructor(
    private readonly model: Model,
    private readonly taker: RowTaker,
    private readonly caller?: Caller,
  ) {
    this.rows = new RowIndex(rowIdentityOf(model))
  }

  /**
   * Predicts validated rows. Rows with an entry in `errors` failed validation: they keep that error and are not
   * inferred. `deadline`, in the clock's milliseconds, applies to rows that are not pending already. `isExplained` adds
   * the segments to the result. The columns must not change any more.
   */
  predict(columns: readonly Column[], rows: number, options: CallOptions): Promise<Prediction> {
    const { errors, deadline } = options
    const known = this.rows.size
    const { positions, fresh } = this.rows.add(columns, rows, errors)
    if (fresh !== undefined) this.send(known, fresh, deadline)
    if (positions !== undefined) return this.join(columns, rows, positions, options)
    // The usual case: every row is new, so a single wave answers them all.
    const wave = this.waves[this.waves.length - 1]
    const answer = (segments: readonly CachedSegment[]) => {
      if (segments.length === 1 && errors === undefined && !options.isExplained) {
        const { tensors } = segments[0]
        if (tensors !== undefined) return this.built(tensors, columns, rows, options.wanted, undefined)
      }
      return this.gathered([wave], [segments], columns, rows, rising(known, rows), options)
    }
    return wave.segments.then(answer, (error) => answer(refused(wave, error)))
  }

  /** Answers rows some of which were submitted before. */
  private async join(
    columns: readonly Column[],
    rows: number,
    positions: Int32Array,
    options: CallOptions,
  ): Promise<Prediction> {
    const waves = this.waves.filter(answersSome, positions)
    const answered = await Promise.all(
      waves.map((wave) => wave.segments.catch((error: unknown) => refused(wave, error))),
    )
    if (options.errors === undefined && answered.length === 1 && answered[0].length === 1) {
      const [{ tensors }] = answered[0]
      if (tensors !== undefined && !options.isExplained)
        return this.built(tensors, columns, rows, options.wanted, relativeTo(positions, waves[0].from))
    }
    return this.gathered(waves, answered, columns, rows, positions, options)
  }

  /** One segment answers all rows, so its outputs are the result. */
  private built(
    tensors: Tensors,
    columns: readonly Column[],
    rows: number,
    wanted: readonly string[],
    tensorRow: Int32Array | undefined,
  ): Prediction {
    const { outputs, errors } = this.model.postprocess(tensors, columns, rows, wanted, tensorRow)
    return { outputs, errors: errors ?? noErrors }
  }

  private gathered(
    waves: readonly Wave[],
    answered: readonly (readonly CachedSegment[])[],
    columns: readonly Column[],
    rows: number,
    positions: Int32Array,
    { errors, wanted, isExplained = false }: CallOptions,
  ): Prediction {
    const answer = blankAnswer(rows, wanted, errors, isExplained)
    const pieces: Piece[] = []
    for (let i = 0; i < waves.length; i++) {
      let { from } = waves[i]
      for (const segment of answered[i]) {
        pieces.push({ segment, from, to: from + segment.rows, rows: [] })
        from += segment.rows
      }
    }
    let piece: Piece | undefined
    for (let row = 0; row < rows; row++) {
      const position = positions[row]
      if (position < 0) continue
      if (piece === undefined || position < piece.from || position >= piece.to)
        piece = pieceOf(pieces, position)
      piece.rows.push(row)
    }
    for (const one of pieces) if (one.rows.length > 0) this.fill(answer, one, positions, columns, wanted)
    return answer
  }

  private send(from: number, columns: readonly Column[], deadline: number): void {
    const rows = this.rows.size - from
    const segments = this.taker.submit(this.model.key, columns, rows, { deadline, caller: this.caller })
    this.waves.push({ from, to: from + rows, segments })
  }

  /** Builds the outputs of all rows that one segment answers. */
  private fill(
    answer: MutablePrediction,
    { segment, from, rows }: Piece,
    distinct: Int32Array,
    columns: readonly Column[],
    wanted: readonly string[],
  ): void {
    if (answer.segments !== undefined) for (const row of rows) answer.segments[row] = segment
    if (segment.tensors === undefined) {
      for (const row of rows) answer.errors[row] = segment.error
      return
    }
    const tensorRow = new Int32Array(rows.length)
    for (let i = 0; i < rows.length; i++) tensorRow[i] = distinct[rows[i]] - from
    const own = columns.map((column) => rows.map((row) => column[row]))
    const built = this.model.postprocess(segment.tensors, own, rows.length, wanted, tensorRow)
    for (const output of wanted) {
      const target = answer.outputs[output]
      const source = built.outputs[output]
      for (let i = 0; i < rows.length; i++) target[rows[i]] = source[i]
    }
    if (built.errors === undefined) return
    for (let i = 0; i < rows.length; i++) {
      if (built.errors[i] !== undefined) answer.errors[rows[i]] = built.errors[i]
    }
  }
}

/** Turns a refusal of a whole wave into a segment with that error. */
function refused({ from, to }: Wave, error: unknown): readonly CachedSegment[] {
  if (error instanceof PresageError) return [{ rows: to - from, error }]
  throw error
}

interface MutablePrediction {
  readonly outputs: Record<string, unknown[]>
  readonly errors: (PresageError | undefined)[]
  readonly segments?: (CachedSegment | undefined)[]
}

/** No outputs yet, and the given errors. */
function blankAnswer(
  rows: number,
  wanted: readonly string[],
  errors: RowErrors | undefined,
  isExplained: boolean,
): MutablePrediction {
  const answer: MutablePrediction = {
    outputs: {},
    errors: new Array(rows).fill(undefined),
    ...(isExplained && { segments: new Array<CachedSegment | undefined>(rows).fill(undefined) }),
  }
  for (const output of wanted) answer.outputs[output] = new Array(rows).fill(null)
  if (errors !== undefined) for (let row = 0; row < rows; row++) answer.errors[row] = errors[row]
  return answer
}

/** Whether a wave contains any of the distinct rows in `this`. */
function answersSome(this: Int32Array, { from, to }: Wave): boolean {
  for (let i = 0; i < this.length; i++) if (this[i] >= from && this[i] < to) return true
  return false
}

/** The piece with this distinct row, among pieces in order. */
function pieceOf(pieces: readonly Piece[], position: number): Piece {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (position < pieces[middle].to) high = middle
    else low = middle + 1
  }
  return pieces[low]
}

function relativeTo(positions: Int32Array, from: number): Int32Array {
  return from === 0 ? positions : positions.map((position) => position - from)
}

function rising(from: number, rows: number): Int32Array {
  const positions = new Int32Array(rows)
  for (let row = 0; row < rows; row++) positions[row] = from + row
  return positions
}
