import { type RuleSet, shardsOf, type Use } from '../routing/ruleSet/ruleSet'
import { type ModelRegistry, reasonOf } from '../serving/repository/modelRegistry'

/** A version that rules name for an objective, as the type `Candidate` shows it. */
export interface Candidate {
  /** `name@version` */
  readonly model: string
  /** How rules lead to it, in their order. */
  readonly by: readonly string[]
  readonly shards: readonly string[]
  readonly ready: boolean
  readonly reason: string | null
}

/** Every version that rules name for an objective, each once, in the order of the rules. */
export function candidatesOf(
  ruleSet: RuleSet,
  objective: string,
  registry: ModelRegistry,
): readonly Candidate[] {
  const by = new Map<string, string[]>()
  const add = (model: string, how: string) => {
    by.set(model, [...(by.get(model) ?? []), how])
  }
  if (!Object.hasOwn(ruleSet.objectives, objective)) return []
  const { rules = [], default: last, canary, shadow = [], fallback = [] } = ruleSet.objectives[objective]
  const follow = (use: Use, how: string) => {
    if (typeof use === 'string') {
      add(use, how)
      return
    }
    for (const cell of ruleSet.experiments[use.experiment].cells) {
      add(cell.use, `${how}, ${cell.percent} % in cell ${cell.name} of ${use.experiment}`)
    }
  }
  for (const { name, use } of rules) follow(use, `rule ${name}`)
  follow(last, 'default')
  if (canary !== undefined) add(canary.to, `canary of ${canary.of}, ${canary.percent} %`)
  for (const { model, percent } of shadow) add(model, `shadow, ${percent} %`)
  for (const one of fallback) if (typeof one === 'string') add(one, 'fallback')
  return [...by].map(([model, hows]) => {
    const state = registry.get(model)?.state
    return {
      model,
      by: hows,
      shards: shardsOf(ruleSet, model),
      ready: state?.is === 'ready',
      reason: state === undefined ? 'it is not in the repository' : reasonOf(state),
    }
  })
}
