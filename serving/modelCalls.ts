import type { Column } from '../lib/column'
import { PresageError } from '../lib/errors'
import type { Model, RowErrors } from '../models/model'
import type { Segment, Shard } from '../workers/shard'
import { RowIndex } from './rowIndex'

/** Outputs by name, one value per row; a row that has an error has no values. */
export interface Prediction {
  readonly outputs: Readonly<Record<string, Column>>
  readonly errors: RowErrors
}

/** Distinct rows that went to the shard together. */
interface Wave {
  readonly from: number
  readonly to: number
  readonly segments: Promise<readonly Segment[]>
}

/**
 * The calls of one client request to one model version on one shard. Rows that equal an earlier row of the request
 * share its inference, whichever field asked; outputs are built for every row, since they may depend on features that
 * the graph does not read.
 */
export class ModelCalls {
  private readonly rows: RowIndex
  private readonly waves: Wave[] = []

  constructor(
    private readonly model: Model,
    private readonly shard: Shard,
    private readonly signal?: AbortSignal,
  ) {
    this.rows = new RowIndex(model.features.length, model.identity)
  }

  /**
   * Predicts admitted rows. `errors` are of rows that were not admitted: they stay, and cost nothing. `deadline`, in the
   * clock's milliseconds, is of rows that are not on their way already.
   */
  async predict(
    columns: readonly Column[],
    rows: number,
    {
      errors,
      wanted,
      deadline,
    }: {
      readonly errors: RowErrors | undefined
      readonly wanted: readonly string[]
      readonly deadline: number
    },
  ): Promise<Prediction> {
    const known = this.rows.size
    /** The distinct row that answers each row; -1 where the row has an error. */
    const distinct = new Int32Array(rows)
    for (let row = 0; row < rows; row++) {
      distinct[row] = errors?.[row] === undefined ? this.rows.add(columns, row) : -1
    }
    if (this.rows.size > known) this.send(known, deadline)

    const answer: MutablePrediction = { outputs: {}, errors: new Array(rows).fill(undefined) }
    for (const output of wanted) answer.outputs[output] = new Array(rows).fill(null)
    if (errors !== undefined) for (let row = 0; row < rows; row++) answer.errors[row] = errors[row]

    const waves = this.waves.filter(({ from, to }) => someWithin(distinct, from, to))
    const answered = await Promise.all(waves.map((wave) => wave.segments))
    for (let i = 0; i < waves.length; i++) {
      let { from } = waves[i]
      for (const segment of answered[i]) {
        this.fill(answer, segment, from, distinct, columns, wanted)
        from += segment.rows
      }
    }
    return answer
  }

  private send(from: number, deadline: number): void {
    const to = this.rows.size
    const columns = this.rows.columns.map((column) => column.slice(from))
    const segments = this.shard
      .submit(this.model.key, columns, to - from, { deadline, signal: this.signal })
      .catch((error: unknown) => {
        if (error instanceof PresageError) return [{ rows: to - from, error }]
        throw error
      })
    this.waves.push({ from, to, segments })
  }

  /** Builds the outputs of all rows that the distinct rows `from`... of one segment answer. */
  private fill(
    answer: MutablePrediction,
    segment: Segment,
    from: number,
    distinct: Int32Array,
    columns: readonly Column[],
    wanted: readonly string[],
  ): void {
    const rows: number[] = []
    for (let row = 0; row < distinct.length; row++) {
      if (distinct[row] >= from && distinct[row] < from + segment.rows) rows.push(row)
    }
    if (rows.length === 0) return
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

function someWithin(positions: Int32Array, from: number, to: number): boolean {
  for (let i = 0; i < positions.length; i++) if (positions[i] >= from && positions[i] < to) return true
  return false
}

interface MutablePrediction {
  outputs: Record<string, unknown[]>
  errors: (PresageError | undefined)[]
}
