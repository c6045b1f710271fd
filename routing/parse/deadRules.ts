import { getOrMake } from '../../lib/groups'
import { takeApart } from '../predicates/compileCondition'
import { canonicalJson } from '../ruleSet/canonicalJson'
import type { KnownNames } from '../ruleSet/knownNames'
import { below, type RuleProblems } from '../ruleSet/problems'
import type { Rule, RuleSet, Use } from '../ruleSet/ruleSet'
import { neverHolds } from './neverHolds'

/**
 * Warns of rules that can never match: on their own, or because an earlier rule always matches first. Returns, by
 * objective, the uses of the other rules and of the default.
 */
export function warnOfDeadRules(
  ruleSet: RuleSet,
  known: KnownNames,
  found: RuleProblems,
): ReadonlyMap<string, readonly Use[]> {
  const live = new Map<string, readonly Use[]>()
  for (const [objective, { rules = [], default: last }] of Object.entries(ruleSet.objectives)) {
    const contract = known.objectives.get(objective)
    if (contract === undefined) continue
    const earlier = new EarlierRules()
    const uses: Use[] = []
    rules.forEach((rule, at) => {
      const path = below(below(below('objectives', objective), 'rules'), at)
      const reason = neverHolds(rule.when ?? {}, { contract, contextTypes: known.contextTypes })
      const first = earlier.matching(rule)
      if (reason !== undefined) found.warn(below(path, 'when'), `can never hold: ${reason}`)
      else if (first !== undefined)
        found.warn(path, `can never match: whenever it would, ${first} does before it`)
      if (reason === undefined && first === undefined) uses.push(rule.use)
      earlier.add(rule)
    })
    // Where a rule leads to an experiment, the default answers requests without a unit.
    if (earlier.always === undefined || uses.some((use) => typeof use !== 'string')) uses.push(last)
    live.set(objective, uses)
  }
  return live
}

/** The most rules with the same first requirement that are compared, to bound the time. */
const maxCompared = 100

/** Indexes rules by requirements: a rule matches whenever another does that requires at least the same. */
class EarlierRules {
  /** The first rule that always matches. */
  always: Rule | undefined
  private readonly byFirst = new Map<
    string,
    { readonly name: string; readonly demands: readonly string[] }[]
  >()

  add(rule: Rule): void {
    const { name, when = {} } = rule
    const demands = demandsOf(when)
    if (demands.length === 0) this.always ??= rule
    else {
      const same = getOrMake(this.byFirst, demands[0], () => [])
      if (same.length < maxCompared) same.push({ name, demands })
    }
  }

  matching({ when = {} }: Rule): string | undefined {
    if (this.always !== undefined) return this.always.name
    const demands = new Set(demandsOf(when))
    for (const demand of demands) {
      const wider = this.byFirst.get(demand)?.find((one) => one.demands.every((each) => demands.has(each)))
      if (wider !== undefined) return wider.name
    }
    return undefined
  }
}

/** The requirements of a condition that must all hold, each as a text. */
function demandsOf(when: NonNullable<Rule['when']>): readonly string[] {
  const { clauses, others } = takeApart(when)
  const each = clauses.flatMap(({ reference, operators }) =>
    Object.entries(operators).map(([name, operand]) => canonicalJson([reference, name, operand])),
  )
  return [...each, ...others.map(canonicalJson)]
}
