import { addTo } from '../lib/groups'
import { type RuleSet, shardsOf, type Use } from '../routing/ruleSet/ruleSet'
import { type ModelRegistry, reasonOf } from '../serving/repository/modelRegistry'

/** One way in which rules lead to a version. */
export interface CandidateShare {
  readonly by: string
  /** The percentage of the units on this way, 0 to 100; null for a fallback, which only answers if others cannot. */
  readonly percent: number | null
}

/** The GraphQL type `Candidate`: the distinct versions that rules name for an objective, in the order of the rules. */
export function candidatesOf(ruleSet: RuleSet, objective: string, registry: ModelRegistry) {
  return [...sharesOf(ruleSet, objective)].map(([model, shares]) => {
    const state = registry.get(model)?.state
    return {
      model,
      by: shares.map(({ by }) => by),
      shares,
      shards: shardsOf(ruleSet, model),
      ready: state?.is === 'ready',
      reason: state === undefined ? 'it is not in the repository' : reasonOf(state),
    }
  })
}

/** By `name@version`, how the rules of an objective lead to it. */
export function sharesOf(
  ruleSet: RuleSet,
  objective: string,
): ReadonlyMap<string, readonly CandidateShare[]> {
  const found = new Map<string, CandidateShare[]>()
  const add = (model: string, by: string, percent: number | null) => {
    addTo(found, model, { by, percent })
  }
  if (!Object.hasOwn(ruleSet.objectives, objective)) return found
  const { rules = [], default: last, canary, shadow = [], fallback = [] } = ruleSet.objectives[objective]
  const follow = (use: Use, how: string) => {
    if (typeof use === 'string') {
      add(use, how, canary?.of === use ? restOf(canary.percent) : 100)
      return
    }
    for (const { name, percent, use: model } of ruleSet.experiments[use.experiment].cells) {
      add(model, `${how}, ${percent} % in cell ${name} of ${use.experiment}`, percent)
    }
  }
  for (const { name, use } of rules) follow(use, `rule ${name}`)
  follow(last, 'default')
  if (canary !== undefined) add(canary.to, `canary of ${canary.of}, ${canary.percent} %`, canary.percent)
  for (const { model, percent } of shadow) add(model, `shadow, ${percent} %`, percent)
  for (const one of fallback) if (typeof one === 'string') add(one, 'fallback', null)
  return found
}

/** The rest of 100 %, with four decimals as percentages have: a difference of floats has more. */
function restOf(percent: number): number {
  return Number((100 - percent).toFixed(4))
}
