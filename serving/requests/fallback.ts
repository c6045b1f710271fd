import type { ErrorCode, PresageError } from '../../lib/errors'
import type { RowErrors } from '../../models/contracts/model'
import type { Segment } from '../../workers/shard'
import type { Prediction } from '../calls/modelCalls'
import type { Constant } from '../rules/constant'
import type { DecidedRows, FallbackRows } from './answered'

/**
 * Why another may answer a row: its version is not there, or had no room, no time or no worker for it. `INFERENCE_FAILED` is
 * of the worker, whose runtime did not come to an end with the row. What is wrong with the row itself is wrong for everybody,
 * and what a model answered is not replaced because it is odd.
 */
const fallible: ReadonlySet<ErrorCode> = new Set([
  'MODEL_NOT_FOUND', // the rules are ahead of this process's repository
  'MODEL_NOT_READY',
  'OVERLOADED',
  'DEADLINE_EXCEEDED',
  'WORKER_LOST',
  'INFERENCE_FAILED',
])

function mayFallBack(error: PresageError | undefined): error is PresageError {
  return error !== undefined && fallible.has(error.code)
}

/** Whether some row may be answered by another. */
export function someMayFallBack(errors: RowErrors): boolean {
  for (let row = 0; row < errors.length; row++) if (mayFallBack(errors[row])) return true
  return false
}

/** The answer of some rows while fallbacks fill in what the chosen version left open. */
export class FallbackAnswer {
  /** Rows without an answer that may still have one. */
  open: number[] = []
  private readonly outputs: Record<string, unknown[]> = {}
  private readonly errors: (PresageError | undefined)[]
  private readonly by: (string | undefined)[]
  private readonly codes: (ErrorCode | undefined)[]
  /** Only where somebody asked for them; a version that nobody could ask has none. */
  private segments: (Segment | undefined)[] | undefined
  private isUsed = false

  constructor(
    private readonly group: DecidedRows,
    first: Prediction,
  ) {
    const { rows, wanted } = group
    this.errors = new Array<PresageError | undefined>(rows).fill(undefined)
    this.by = new Array<string | undefined>(rows).fill(undefined)
    this.codes = new Array<ErrorCode | undefined>(rows).fill(undefined)
    this.segments = first.segments && [...first.segments]
    for (const name of wanted) this.outputs[name] = new Array<unknown>(rows).fill(null)
    for (let row = 0; row < rows; row++) {
      const error = first.errors[row]
      this.errors[row] = error
      if (mayFallBack(error)) this.open.push(row)
      else if (error === undefined)
        for (const name of wanted) this.outputs[name][row] = first.outputs[name][row]
    }
  }

  /** The open rows as rows of their own. */
  openRows(): DecidedRows {
    const { group, open } = this
    return {
      ...group,
      inputs: group.inputs.map((column) => open.map((row) => column[row])),
      rows: open.length,
    }
  }

  /** What a version answered to the open rows. A row that it refuses for another reason than above is at its end. */
  take(model: string, part: Prediction): void {
    const still: number[] = []
    for (let at = 0; at < this.open.length; at++) {
      const row = this.open[at]
      const error = part.errors[at]
      if (error === undefined) {
        for (const name of this.group.wanted) this.outputs[name][row] = part.outputs[name][at]
        if (part.segments !== undefined) {
          this.segments ??= new Array<Segment | undefined>(this.group.rows).fill(undefined)
          this.segments[row] = part.segments[at]
        }
        this.close(row, model)
      } else if (mayFallBack(error)) still.push(row)
      else this.errors[row] = error
    }
    this.open = still
  }

  /** Fills all open rows. */
  fill(constant: Constant): void {
    for (const row of this.open) {
      for (const name of this.group.wanted) this.outputs[name][row] = constant[name]()
      this.close(row, 'constant')
    }
    this.open = []
  }

  /** Rows that nobody answered keep the error of the version that was chosen. */
  result(): { readonly prediction: Prediction; readonly fallback?: FallbackRows } {
    const { outputs, errors, by, codes, segments } = this
    return {
      prediction: { outputs, errors, ...(segments && { segments }) },
      ...(this.isUsed && { fallback: { by, codes } }),
    }
  }

  private close(row: number, by: string): void {
    this.by[row] = by
    this.codes[row] = this.errors[row]!.code
    this.errors[row] = undefined
    this.isUsed = true
  }
}
