import { shortPath } from '../../../lib/packagePaths'
import type { Objective } from '../../../models/contracts/objective'
import type { Repository } from '../../../models/repository/repository'
import { sharesOf } from '../../../platform/candidates'
import { describeInput, describeOutput } from '../../../platform/describeSpec'
import type { RuleSet } from '../../../routing/ruleSet/ruleSet'

/** An objective in the form that the commands print. */
export function describeContract(
  objective: Objective,
  { versions }: Pick<Repository, 'versions'>,
  ruleSet: RuleSet | undefined,
) {
  const { name, file, inputs, outputs, unit = null, owner = null, description = null, maxRows } = objective
  const shares = ruleSet === undefined ? [] : [...sharesOf(ruleSet, name)]
  return {
    objective: name,
    description,
    owner,
    unit,
    inputs: inputs.map(describeInput),
    outputs: outputs.map(describeOutput),
    deadlineMs: objective.deadlineMs ?? null,
    maxRows,
    cacheTtlMs: objective.cacheTtlMs ?? null,
    versions: versions.flatMap(({ key, manifest }) => (manifest?.serves.includes(name) ? [key] : [])),
    candidates: shares.map(([model, ways]) => ({ model, shares: ways })),
    file: shortPath(file),
  }
}
