import type { RoutingCase } from './routingCase'

/** What a walk over contexts and answers costs by itself; see `routingFloor`. */
export interface RoutingFloor {
  readonly objectives: readonly string[]
  readonly contexts: RoutingCase['contexts']
  /** By objective, an object for each rule and last for the default. */
  readonly answers: ReadonlyMap<string, readonly { readonly model: string }[]>
  /** By decision, which of its objective's answers it is. */
  readonly places: Uint8Array
}

/**
 * The walk of the bench with everything known before: for each decision the keys of the context are read that rules read, the
 * objective is looked up by name, and the model of an object is read, of which there are as many as there are rules. What
 * grows here with the number of objectives grows for every engine that gives an object for an answer.
 */
export function routingFloor({ router, objectives, contexts }: RoutingCase, decisions: number): RoutingFloor {
  const answers = new Map<string, { readonly model: string }[]>()
  const order = new Map<string, Map<string | undefined, number>>()
  for (const objective of objectives) {
    answers.set(objective, [])
    order.set(objective, new Map())
  }
  const places = Uint8Array.from({ length: decisions }, (_, at) => {
    const objective = objectives[at % objectives.length]
    const { model, shard, reason, rule } = router.for(objective).decide(contexts[at % contexts.length])
    const known = order.get(objective)!
    let place = known.get(rule)
    if (place === undefined) {
      place = known.size
      known.set(rule, place)
      answers.get(objective)!.push({ objective, model, shard, reason, rule } as { readonly model: string })
    }
    return place
  })
  return { objectives, contexts, answers, places }
}

/** Walks; gives a sum of what was read, so that none of it can be left out. */
export function walkFloor({ objectives, contexts, answers, places }: RoutingFloor): number {
  let sum = 0
  let objective = 0
  let context = 0
  for (let at = 0; at < places.length; at++) {
    const { country, app, age } = contexts[context] as { country: string; app: string; age: number }
    sum += country.length + app.length + age
    sum += answers.get(objectives[objective])![places[at]].model.length
    if (++objective === objectives.length) objective = 0
    if (++context === contexts.length) context = 0
  }
  return sum
}
