import type { Column } from '../lib/column'
import { PresageError } from '../lib/errors'
import { compileAdmission } from './admission'
import type { Model, RowErrors } from './model'
import type { InputSpec, Objective } from './objective'
import { RowErrorList } from './rowErrors'

/** An objective's inputs brought to one model's features. */
export interface ObjectiveBinding {
  /** Positions in the objective's inputs of those that the model reads; no other input can fail a row. */
  readonly reads: readonly number[]
  /**
   * Takes raw values by the objective's inputs in their order (absent: undefined, also for a whole column).
   * The objective's defaults and limits come first, for the inputs that the model reads, then the model's own.
   * Gives columns by the model's features.
   */
  admit(
    inputs: readonly (Column | undefined)[],
    rows: number,
  ): { columns: readonly Column[]; errors: RowErrors | undefined }
}

export function bindObjective(objective: Objective, model: Model): ObjectiveBinding {
  const inputOf = model.features.map(({ input }) => objective.inputs.findIndex(({ name }) => name === input))
  const reads = objective.inputs
    .map((_, position) => position)
    .filter((position) => inputOf.includes(position))
  const admissions = reads.map((position) => compileAdmission(objective.inputs[position]))
  return {
    reads,
    admit(inputs, rows) {
      const errors = new RowErrorList(rows)
      const admitted: Column[] = new Array(objective.inputs.length)
      for (let at = 0; at < reads.length; at++) {
        const position = reads[at]
        admitted[position] = admissions[at].column(inputs[position], rows, (row, { expectation, got }) => {
          errors.add(row, () => badInput(objective, objective.inputs[position], model, expectation, got))
        })
      }
      const raw = inputOf.map((position) => (position < 0 ? absent : admitted[position]))
      const own = model.admit(raw, rows)
      return { columns: cleared(own.columns, errors), errors: merged(errors, own.errors, rows) }
    },
  }
}

/** A column without a value in any row. */
const absent: Column = []

function badInput(
  objective: Objective,
  { name }: InputSpec,
  model: Model,
  expectation: string,
  got: string,
): PresageError {
  return new PresageError(
    'BAD_FEATURE',
    `${model.key}: input ${name} of ${objective.name}: ${expectation}, got ${got}`,
    {
      model: model.key,
      input: name,
    },
  )
}

/** A row that the objective refused holds null in every column, like those that the model refused. */
function cleared(columns: readonly Column[], errors: RowErrorList): readonly Column[] {
  const refused = errors.errors
  if (refused === undefined) return columns
  return columns.map((column) => column.map((value, row) => (refused[row] === undefined ? value : null)))
}

function merged(errors: RowErrorList, own: RowErrors | undefined, rows: number): RowErrors | undefined {
  for (let row = 0; own !== undefined && row < rows; row++) {
    const error = own[row]
    if (error !== undefined) errors.add(row, () => error)
  }
  return errors.errors
}
