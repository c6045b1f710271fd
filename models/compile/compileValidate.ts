import type { Column } from '../../lib/column'
import { show } from '../../lib/errors'
import type { FeatureSpec } from '../contracts/manifest'
import type { Model } from '../contracts/model'
import type { Demand } from '../preprocess/step'
import { BadFeature, RowErrorList } from '../validation/rowErrors'
import type { Validator } from '../validation/validator'

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
          : errors.validated(validators[feature], column, bad[feature])
    }
    for (const demand of demands)
      checkDemand(demand, columns[demand.feature], rows, errors, bad[demand.feature])
    return { columns: errors.clear(columns), errors: errors.errors }
  }
}

type MakeError = ReturnType<typeof badFeature>

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

function badFeature(key: string, { name, input }: FeatureSpec) {
  const which = input === name ? name : `${name} (input ${input})`
  return (expectation: string, got: string) =>
    new BadFeature(`${key}: feature ${which}`, expectation, got, { model: key, feature: name, input })
}
