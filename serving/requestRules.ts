import type { ClientRequest } from '../lib/clientRequest'
import type { ActiveRules } from './ruleBook'
import type { Serving } from './serving'

const scopeKey = Symbol('rules of a request')

/**
 * The version of the rules that decides a client request, from its first decision to its last: the one that its envelope
 * names, if it is at hand, else the active one. The latter is skew between processes, and counted, where one was named.
 */
export function rulesOf(request: ClientRequest, serving: Serving): ActiveRules {
  return request.scope(scopeKey, () => {
    const { rules } = serving
    const { ruleSet: named } = request
    if (named === undefined) return rules.current()
    const known = rules.at(named)
    if (known !== undefined) return known
    serving.routing.countSkew()
    return rules.current()
  })
}
