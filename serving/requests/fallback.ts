import type { ErrorCode, PresageError } from '../../lib/errors'
import type { RowErrors } from '../../models/contracts/model'
import type { Segment } from '../../workers/shard'
import type { Prediction } from '../calls/modelCalls'
import type { Constant } from '../rules/objectiveRules'
import type { DecidedRows, FallbackRows } from './answered'

/**
 * Codes for which a fallback may answer a row: the chosen version is missing, or had no room, time or worker for it.
 * `INFERENCE_FAILED` counts because it is a failure of the runtime. An error of the row itself would be the same for
 * every version, and an answer is never replaced because it looks odd.
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

/** Whether a fallback may answer any of the rows. */
export function someMayFallBack(errors: RowErrors): boolean {
  for (let row = 0; row < errors.length; row++) if (mayFallBack(errors[row])) return true
  return false
}

/** The answer to some rows, while fallbacks fill in what the chosen version left open. */
export class FallbackAnswer {
  /** Rows without an answer that a fallback may still give. */
  open: number[] = []
  private readonly outputs: Record<string, unknown[]> = {}
  private readonly errors: (PresageError | undefined)[]
  private readonly by: (string | undefined)[]
  private readonly codes: (ErrorCode | undefined)[]
  /** Only if explanations were asked for. Undefined if no version has run yet. */
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

  /** Takes a version's answer to the open rows. A row with an error that allows no fallback keeps that error. */
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

  fill(constant: Constant): void {
    for (const row of this.open) {
      for (const name of this.group.wanted) this.outputs[name][row] = constant[name]()
      this.close(row, 'constant')
    }
    this.open = []
  }

  /** Rows that nobody answered keep the chosen version's error. */
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
