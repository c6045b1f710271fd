import type { Column } from '../../lib/column'
import type { Model, RowErrors } from '../contracts/model'
import type { InputSpec, Objective } from '../contracts/objective'
import { BadFeature } from '../validation/badFeature'
import { impliesValidation } from '../validation/impliedValidation'
import { RowErrorList } from '../validation/rowErrors'
import { compileValidator, type Validator } from '../validation/validator'

/** Converts an objective's inputs to one model's features. */
export interface ObjectiveBinding {
  /** Positions of the objective's inputs that the model reads. No other input can fail a row. */
  readonly reads: readonly number[]
  /**
   * Validates raw values by the objective's inputs in their order (absent values and columns are undefined): first with
   * the objective's defaults and limits, for the inputs that the model reads, then with the model's. Returns columns by
   * the model's features.
   */
  validate(
    inputs: readonly (Column | undefined)[],
    rows: number,
  ): { columns: readonly Column[]; errors: RowErrors | undefined }
}

export function bindObjective(objective: Objective, model: Model): ObjectiveBinding {
  const inputOf = model.features.map(({ input }) => objective.inputs.findIndex(({ name }) => name === input))
  const reads = objective.inputs
    .map((_, position) => position)
    .filter((position) => inputOf.includes(position))
  const validators = reads.map((position) => compileValidator(objective.inputs[position]))
  const implied = model.features.map(
    (feature, at) => inputOf[at] >= 0 && impliesValidation(objective.inputs[inputOf[at]], feature),
  )
  const validateInput = (
    validator: Validator,
    input: InputSpec,
    raw: Column | undefined,
    rows: number,
    errors: RowErrorList,
  ): Column =>
    validator.column(raw, rows, (row, { expectation, got }) => {
      errors.add(row, () => badInput(objective, input, model, expectation, got))
    })
  return {
    reads,
    validate(inputs, rows) {
      const errors = new RowErrorList(rows)
      const validated: Column[] = new Array(objective.inputs.length)
      for (let at = 0; at < reads.length; at++) {
        const position = reads[at]
        validated[position] = validateInput(
          validators[at],
          objective.inputs[position],
          inputs[position],
          rows,
          errors,
        )
      }
      const raw: (Column | undefined)[] = new Array(inputOf.length)
      for (let at = 0; at < inputOf.length; at++)
        raw[at] = inputOf[at] < 0 ? undefined : validated[inputOf[at]]
      const own = model.validate(raw, rows, implied)
      return { columns: errors.clear(own.columns), errors: merged(errors, own.errors, rows) }
    },
  }
}

function badInput(
  objective: Objective,
  { name }: InputSpec,
  model: Model,
  expectation: string,
  got: string,
): BadFeature {
  const where = `${model.key}: input ${name} of ${objective.name}`
  return new BadFeature(where, expectation, got, { model: model.key, input: name })
}

function merged(errors: RowErrorList, own: RowErrors | undefined, rows: number): RowErrors | undefined {
  for (let row = 0; own !== undefined && row < rows; row++) {
    const error = own[row]
    if (error !== undefined) errors.add(row, () => error)
  }
  return errors.errors
}
