import type { RepositoryVersion } from '../../models/repository/repository'
import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import type { PredictionField } from '../../schema/fields/plan'

/** The versions that may answer fields: those that rules name for their objectives, and those that they pin. */
export function neededVersions(
  fields: readonly PredictionField[],
  ruleSet: RuleSet,
  versions: readonly RepositoryVersion[],
): readonly RepositoryVersion[] {
  const needed = new Set(
    fields.flatMap(({ target }) => {
      if (target.kind === 'objective') return namedVersions(ruleSet, target.objective)
      return target.version === undefined ? target.model : `${target.model}@${target.version}`
    }),
  )
  // A pin without a version allows any version of its model.
  return versions.filter(({ key, name }) => needed.has(key) || needed.has(name))
}
