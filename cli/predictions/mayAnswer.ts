import type { RepositoryVersion } from '../../models/repository/repository'
import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import { type PredictionField, pinOf } from '../../schema/fields/plan'

/** Whether a version may answer one of the fields: rules name it for the field's objective, or the field pins it. */
export function mayAnswer(
  fields: readonly PredictionField[],
  ruleSet: RuleSet,
  { key, name }: RepositoryVersion,
): boolean {
  return fields.some(({ target }) => {
    if (target.kind === 'objective') return namedVersions(ruleSet, target.objective).includes(key)
    // A pin without a version allows any version of its model.
    return [key, name].includes(pinOf(target))
  })
}
