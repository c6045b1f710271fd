import type { KnownNames } from '../ruleSet/knownNames'
import { problemLine } from '../ruleSet/problems'
import { experimentsOf, namedVersions, type RuleSet } from '../ruleSet/ruleSet'
import { checkRules } from './checkRules'

/**
 * What keeps rules of the past, or a draft, from deciding for these objectives, a line each; `place` is where they are
 * from. Versions that are missing do not, nor do context keys that are not declared any more.
 */
export function undecidable(
  ruleSet: RuleSet,
  names: readonly string[],
  known: KnownNames,
  place: string,
): readonly string[] {
  const objectives = Object.fromEntries(names.map((name) => [name, ruleSet.objectives[name]]))
  const used = Object.values(objectives).flatMap(experimentsOf)
  const experiments = Object.fromEntries(used.map((name) => [name, ruleSet.experiments[name]]))
  // Where versions are placed decides nothing.
  const there = {
    ...asIfThere(ruleSet, names, known),
    asked: new Map(),
    pins: [],
    shards: undefined,
    fieldShards: new Map(),
  }
  const { problems } = checkRules({ objectives, experiments }, there)
  return problems.map((problem) => problemLine(problem, place))
}

/** The known names, with all versions that the rules of these objectives name, and any context key. */
export function asIfThere(ruleSet: RuleSet, names: readonly string[], known: KnownNames): KnownNames {
  const versions = names.flatMap((name) => {
    const { canary } = ruleSet.objectives[name]
    return [...namedVersions(ruleSet, name), ...(canary === undefined ? [] : [canary.of])]
  })
  const models = new Set([...known.models, ...versions])
  return { ...known, contextKeys: undefined, models, serves: new Map() }
}
