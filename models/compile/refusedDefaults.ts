import { show } from '../../lib/errors'
import { groupBy } from '../../lib/groups'
import type { FeatureSpec } from '../contracts/manifest'
import type { Demand } from '../preprocess/step'
import type { Validator } from '../validation/validator'

/** A line for each default that a step refuses: every row without the feature would be `BAD_FEATURE`. */
export function refusedDefaults(
  features: readonly FeatureSpec[],
  validators: readonly Validator[],
  demands: readonly Demand[],
): string[] {
  const demandsOf = groupBy(demands, ({ feature }) => feature)
  return features.flatMap(({ name, default: value }, position) => {
    if (value === undefined || value === null) return []
    const normalized = validators[position].value(value)
    const [expectation] = (demandsOf.get(position) ?? []).flatMap(({ check }) => check(normalized) ?? [])
    return expectation === undefined ? [] : [`features.${name}.default: ${expectation}, got ${show(value)}`]
  })
}
