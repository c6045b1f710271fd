import { memoizedWeakly } from '../../lib/memoized'
import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import { type PredictionField, pinnedBy } from '../../schema/fields/plan'
import type { ModelRegistry } from './modelRegistry'

/**
 * Compiles whether a version, `name@version`, is named: by one of the rule sets that count for it, or by a field
 * that pins it. A field that pins a model without a version names its newest ready one.
 */
export function createIsNamed(
  fields: readonly PredictionField[],
  ruleSets: (key: string) => Iterable<RuleSet>,
  registry: ModelRegistry,
): (key: string) => boolean {
  const pinned = new Set(pinnedBy(fields))
  const namedBy = memoizedWeakly(
    (ruleSet: RuleSet) =>
      new Set(Object.keys(ruleSet.objectives).flatMap((objective) => namedVersions(ruleSet, objective))),
  )
  return (key) => {
    if (pinned.has(key)) return true
    for (const ruleSet of ruleSets(key)) if (namedBy(ruleSet).has(key)) return true
    const [name] = key.split('@')
    return pinned.has(name) && registry.newestReady(name) === key
  }
}
