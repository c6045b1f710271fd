import { groupBy } from '../../lib/groups'
import type { FeatureSpec } from '../contracts/manifest'
import type { Demand } from '../preprocess/step'
import type { Validator } from '../validation/validator'
import { sampleValue } from './sampleColumns'

/** Finds a valid sample for each feature whose usual sample the steps refuse, if the demands have one that works. */
export function demandedSamples(
  features: readonly FeatureSpec[],
  validators: readonly Validator[],
  demands: readonly Demand[],
): Readonly<Record<string, unknown>> {
  const demandsOf = groupBy(demands, ({ feature }) => feature)
  const samples: Record<string, unknown> = {}
  for (const [position, feature] of features.entries()) {
    const own = demandsOf.get(position) ?? []
    const isTaken = (value: unknown) => {
      let refused = false
      const [normalized] = validators[position].column([value], 1, () => {
        refused = true
      })
      return !refused && own.every(({ check }) => check(normalized) === undefined)
    }
    if (own.length === 0 || isTaken(sampleValue(feature))) continue
    const example = own.flatMap((demand) => demand.examples()).find(isTaken)
    if (example !== undefined) samples[feature.name] = example
  }
  return samples
}
