import type { Column } from '../../lib/column'
import { PresageError, show } from '../../lib/errors'
import type { FeatureSpec } from '../contracts/manifest'
import type { Model, RowErrors } from '../contracts/model'
import type { InputSpec, Objective } from '../contracts/objective'
import type { Demand } from '../preprocess/step'
import { impliesValidation } from './impliedValidation'
import { compileValidator, type Validator } from './validator'

/**
 * Validates raw values by an objective's inputs in their order (absent values and columns are undefined): first with the
 * objective's defaults and limits, for the inputs that the model reads, then with the model's. No other input can fail a
 * row. Returns columns by the model's features.
 */
export type ValidateInputs = (
  inputs: readonly (Column | undefined)[],
  rows: number,
) => { columns: readonly Column[]; errors: RowErrors | undefined }

/** Compiles how an objective's inputs become one model's features. */
export function bindObjective(objective: Objective, model: Model): ValidateInputs {
  const positions = new Map(objective.inputs.map(({ name }, position) => [name, position]))
  const inputOf = model.features.map(({ input }) => positions.get(input) ?? -1)
  const isRead = new Set(inputOf)
  const implied = model.features.map(
    (feature, at) => inputOf[at] >= 0 && impliesValidation(objective.inputs[inputOf[at]], feature),
  )
  const read = objective.inputs.map((spec, position) =>
    isRead.has(position)
      ? { validator: compileValidator(spec), bad: badInput(objective, spec, model) }
      : undefined,
  )
  return (inputs, rows) => {
    const errors = new RowErrorList(rows)
    const validated: (Column | undefined)[] = new Array(read.length)
    for (let at = 0; at < read.length; at++) {
      const one = read[at]
      if (one !== undefined) validated[at] = validate(one.validator, inputs[at], rows, errors, one.bad)
    }
    const raw: (Column | undefined)[] = new Array(inputOf.length)
    for (let at = 0; at < inputOf.length; at++) raw[at] = inputOf[at] < 0 ? undefined : validated[inputOf[at]]
    const own = model.validate(raw, rows, implied)
    return { columns: errors.clear(own.columns), errors: merged(errors, own.errors, rows) }
  }
}

function badInput(objective: Objective, { name }: InputSpec, { key }: Model): MakeError {
  const where = `${key}: input ${name} of ${objective.name}`
  return (expectation, got) => new BadFeature(where, expectation, got, { model: key, input: name })
}

function merged(errors: RowErrorList, own: RowErrors | undefined, rows: number): RowErrors | undefined {
  for (let row = 0; own !== undefined && row < rows; row++) {
    const error = own[row]
    if (error !== undefined) errors.add(row, () => error)
  }
  return errors.errors
}

/** Compiles the validation of rows for one model: each feature's declaration, then the further demands of the steps. */
export function compileValidate(
  key: string,
  features: readonly FeatureSpec[],
  validators: readonly Validator[],
  demands: readonly Demand[],
): Model['validate'] {
  const bad = features.map((feature) => badFeature(key, feature))
  return (raw, rows, implied) => {
    const errors = new RowErrorList(rows)
    const columns: Column[] = new Array(features.length)
    for (let feature = 0; feature < features.length; feature++) {
      const column = raw[feature]
      columns[feature] =
        column !== undefined && implied?.[feature] === true
          ? column
          : validate(validators[feature], column, rows, errors, bad[feature])
    }
    for (const demand of demands)
      checkDemand(demand, columns[demand.feature], rows, errors, bad[demand.feature])
    return { columns: errors.clear(columns), errors: errors.errors }
  }
}

type MakeError = (expectation: string, got: string) => BadFeature

/** A column as its validator normalizes it. `bad` makes the error of a row whose value is refused. */
function validate(
  validator: Validator,
  raw: Column | undefined,
  rows: number,
  errors: RowErrorList,
  bad: MakeError,
): Column {
  return validator.column(raw, rows, (row, { expectation, got }) => {
    errors.add(row, () => bad(expectation, got))
  })
}

function checkDemand(
  demand: Demand,
  column: Column,
  rows: number,
  errors: RowErrorList,
  bad: MakeError,
): void {
  for (let row = 0; row < rows; row++) {
    if (errors.has(row)) continue
    const expectation = demand.check(column[row])
    if (expectation === undefined) continue
    errors.add(row, () => bad(expectation, show(column[row])))
  }
}

function badFeature(key: string, { name, input }: FeatureSpec): MakeError {
  const which = input === name ? name : `${name} (input ${input})`
  return (expectation, got) =>
    new BadFeature(`${key}: feature ${which}`, expectation, got, { model: key, feature: name, input })
}

/** A value that a model cannot take: `where: expectation, got what`. */
export class BadFeature extends PresageError {
  constructor(
    /** The version, and its feature or the objective's input. */
    where: string,
    readonly expectation: string,
    readonly got: string,
    details: Readonly<Record<string, unknown>>,
  ) {
    super('BAD_FEATURE', `${where}: ${expectation}, got ${got}`, details)
  }
}

/** Collects at most one error per row, the first. Allocates no array until there is one. */
export class RowErrorList {
  private list: (PresageError | undefined)[] | undefined

  constructor(private readonly rows: number) {}

  get errors(): RowErrors | undefined {
    return this.list
  }

  has(row: number): boolean {
    return this.list?.[row] !== undefined
  }

  /** `make` is called only if the row has no error yet. */
  add(row: number, make: () => PresageError): void {
    this.list ??= new Array<PresageError | undefined>(this.rows).fill(undefined)
    this.list[row] ??= make()
  }

  /** The columns with null in each row that has an error: copies, or the same columns if there are none. */
  clear(columns: readonly Column[]): readonly Column[] {
    const { list } = this
    if (list === undefined) return columns
    return columns.map((column) => column.map((value, row) => (list[row] === undefined ? value : null)))
  }
}
