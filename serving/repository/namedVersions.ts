import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import type { PredictionField } from '../../schema/fields/plan'
import type { ModelRegistry } from './modelRegistry'

/**
 * Tells whether somebody may ask for a version, `name@version`: one of the rule sets names it, or a field pins it. Of a model that
 * a field pins without a version that is the newest ready one.
 */
export function createIsNamed(
  fields: readonly PredictionField[],
  ruleSets: () => Iterable<RuleSet>,
  registry: ModelRegistry,
): (key: string) => boolean {
  const pinned = new Set<string>()
  const pinnedModels = new Set<string>()
  for (const { target } of fields) {
    if (target.kind !== 'model') continue
    if (target.version === undefined) pinnedModels.add(target.model)
    else pinned.add(`${target.model}@${target.version}`)
  }
  const named = new WeakMap<RuleSet, ReadonlySet<string>>()
  const namedBy = (ruleSet: RuleSet): ReadonlySet<string> => {
    let keys = named.get(ruleSet)
    if (keys === undefined) {
      keys = new Set(
        Object.keys(ruleSet.objectives).flatMap((objective) => namedVersions(ruleSet, objective)),
      )
      named.set(ruleSet, keys)
    }
    return keys
  }
  return (key) => {
    if (pinned.has(key)) return true
    for (const ruleSet of ruleSets()) if (namedBy(ruleSet).has(key)) return true
    const [name] = key.split('@')
    return pinnedModels.has(name) && registry.newestReady(name) === key
  }
}
