import { deepFreeze } from '../../lib/deepFreeze'
import { experimentsOf, namedVersions, type RuleSet } from './ruleSet'

/**
 * The part of a rule set that is about these objectives. Processes that share a store may differ in their objectives
 * while a release is rolled out or back; no field of a process asks for one that it lacks.
 */
export function ownRules(ruleSet: RuleSet, objectives: Pick<ReadonlySet<string>, 'has'>): RuleSet {
  const names = Object.keys(ruleSet.objectives)
  const own = names.filter((name) => objectives.has(name))
  const others = names.filter((name) => !objectives.has(name))
  if (others.length === 0) return ruleSet
  /** Without the entries that only others use. */
  const ownOf = <V>(entries: Readonly<Record<string, V>>, usedBy: (name: string) => readonly string[]) => {
    const used = new Set(own.flatMap(usedBy))
    const useless = new Set(others.flatMap(usedBy).filter((key) => !used.has(key)))
    return Object.fromEntries(Object.entries(entries).filter(([key]) => !useless.has(key)))
  }
  return deepFreeze({
    ...ruleSet,
    objectives: Object.fromEntries(own.map((name) => [name, ruleSet.objectives[name]])),
    experiments: ownOf(ruleSet.experiments, (name) => experimentsOf(ruleSet.objectives[name])),
    placement: ownOf(ruleSet.placement, (name) =>
      namedVersions(ruleSet, name).flatMap((model) => [model, model.split('@')[0]]),
    ),
  })
}
