import type { Column } from '../../lib/column'
import { show } from '../../lib/errors'
import type { FeatureSpec } from '../contracts/manifest'
import type { Model } from '../contracts/model'
import type { Demand } from '../preprocess/step'
import { BadFeature } from '../validation/badFeature'
import { RowErrorList } from '../validation/rowErrors'
import type { Validator } from '../validation/validator'

/** Compiles the validation of rows for one model: each feature's declaration, then the further demands of the steps. */
export function compileValidate(
  key: string,
  features: readonly FeatureSpec[],
  validators: readonly Validator[],
  demands: readonly Demand[],
): Model['validate'] {
  return (raw, rows, implied) => {
    const errors = new RowErrorList(rows)
    const columns: Column[] = new Array(features.length)
    for (let feature = 0; feature < features.length; feature++) {
      const column = raw[feature]
      columns[feature] =
        column !== undefined && implied?.[feature] === true
          ? column
          : validateColumn(key, features[feature], validators[feature], column, rows, errors)
    }
    for (const demand of demands) checkDemand(key, features, demand, columns[demand.feature], rows, errors)
    return { columns: errors.clear(columns), errors: errors.errors }
  }
}

function validateColumn(
  key: string,
  feature: FeatureSpec,
  validator: Validator,
  raw: Column | undefined,
  rows: number,
  errors: RowErrorList,
): Column {
  return validator.column(raw, rows, (row, { expectation, got }) => {
    errors.add(row, () => badFeature(key, feature, expectation, got))
  })
}

function checkDemand(
  key: string,
  features: readonly FeatureSpec[],
  demand: Demand,
  column: Column,
  rows: number,
  errors: RowErrorList,
): void {
  for (let row = 0; row < rows; row++) {
    if (errors.has(row)) continue
    const expectation = demand.check(column[row])
    if (expectation === undefined) continue
    errors.add(row, () => badFeature(key, features[demand.feature], expectation, show(column[row])))
  }
}

function badFeature(key: string, { name, input }: FeatureSpec, expectation: string, got: string): BadFeature {
  const which = input === name ? name : `${name} (input ${input})`
  return new BadFeature(`${key}: feature ${which}`, expectation, got, { model: key, feature: name, input })
}
