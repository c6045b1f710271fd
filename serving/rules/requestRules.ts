import type { ClientRequest } from '../../lib/request/clientRequest'
import type { ActiveRules, RuleBook } from './ruleBook'

/** The rules of this process, and a counter of skew. */
export interface RuleSource {
  readonly rules: RuleBook
  readonly routing: { countSkew(): void }
}

const scopeKey = Symbol('rules of a request')

/**
 * The version of the rules for a client request, fixed at its first decision: the one that its envelope names if this
 * process has it, active or not, else the active one. If the named one is missing, that is counted as skew between
 * processes.
 */
export function rulesOf(request: ClientRequest, { rules, routing }: RuleSource): ActiveRules {
  return request.scope(scopeKey, () => {
    const { ruleSet: named, ruleSetHash } = request
    if (named === undefined) return rules.current()
    const known = rules.at(named, ruleSetHash)
    if (known !== undefined) return known
    routing.countSkew()
    return rules.current()
  })
}

/** Whether the request's envelope names other rules than those that decide it. */
export function isSkewed({ ruleSet, ruleSetHash = '' }: ClientRequest, rules: ActiveRules): boolean {
  return ruleSet !== undefined && (ruleSet !== rules.number || !rules.sha256.startsWith(ruleSetHash))
}
