import { invariant } from '../lib/invariant'
import type { Decision, ObjectiveRouter, Router } from './router'
import { type RuleSet, shardsOf } from './ruleSet'

/** Compiles a checked rule set. Every decision is made here, once; a request only picks it up. */
export function compileRouter(ruleSet: RuleSet): Router {
  const compiled = new Map<string, ObjectiveRouter>()
  return {
    for(objective, shard) {
      const key = shard === undefined ? objective : `${objective} ${shard}`
      let router = compiled.get(key)
      if (router === undefined) {
        router = compileObjective(ruleSet, objective, shard)
        compiled.set(key, router)
      }
      return router
    },
  }
}

function compileObjective(ruleSet: RuleSet, objective: string, shard: string | undefined): ObjectiveRouter {
  invariant(Object.hasOwn(ruleSet.objectives, objective), `no rule for ${objective}`)
  const model = ruleSet.objectives[objective].default
  const decision: Decision = Object.freeze({
    objective,
    model,
    shard: shard ?? shardsOf(ruleSet, model)[0],
    reason: 'default',
  })
  return { perRow: false, decide: () => decision, decideRow: () => decision }
}
