import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { RuleStore } from '../../routing/store/ruleStore'
import { type PredictionField, pinnedBy } from '../../schema/fields/plan'
import { ruledVersions } from '../rules/preparedRules'
import { fileAuthor } from '../rules/ruleFile'

/** Tells the versions that fields or rules name from those that merely lie in a repository. */
export function versionsInUse(
  fields: readonly PredictionField[],
  ruleSet: RuleSet,
): (version: { readonly key: string; readonly name: string }) => boolean {
  const used = new Set([...ruledVersions(ruleSet), ...pinnedBy(fields)])
  return ({ key, name }) => used.has(key) || used.has(name)
}

/**
 * The rules that decide once a new runtime has taken over: those in effect or, where these came from the file, what the
 * file has published since, which may wait for nothing but this runtime.
 */
export async function comingRules(store: RuleStore, inEffect: RuleSet): Promise<RuleSet> {
  try {
    const { active } = await store.head()
    if (active?.by !== fileAuthor) return inEffect
    const newest = (await store.history()).find(({ author }) => author === fileAuthor)
    const version = newest && (await store.get(newest.number))
    return version === undefined ? inEffect : parseRuleSet(version.text, '')
  } catch {
    // A store that cannot be reached changes nothing.
    return inEffect
  }
}
