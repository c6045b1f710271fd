import { invariant } from '../../lib/invariant'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Objective } from '../../models/contracts/objective'
import { type CanAnswer, type CompiledRouter, compileRouter } from '../../routing/compile/compileRouter'
import type { ObjectiveRouter } from '../../routing/ruleSet/router'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { PredictionField } from '../../schema/fields/plan'
import { type CompiledObjectiveRules, compileObjectiveRules } from './objectiveRules'

/** One version of the rules, ready to decide requests. */
export interface ActiveRules {
  /** From 1 on. 0 is a rule file, whose number means nothing to other processes. */
  readonly number: number
  /** Of the rule set's canonical JSON. */
  readonly sha256: string
  readonly ruleSet: RuleSet
  readonly router: CompiledRouter
  /** What they say about an objective apart from routing; compiled once. */
  objective(name: string): CompiledObjectiveRules
  /** What they say of the objective of a field; undefined if the field pins a version. */
  wayOf(field: PredictionField): Way | undefined
}

/** What the rules say of an objective, as one field asks for it. */
export interface Way {
  readonly own: CompiledObjectiveRules
  readonly router: ObjectiveRouter
}

/** The versions of the rules with which this process can decide. */
export interface RuleBook {
  /** The version for requests that begin now. */
  current(): ActiveRules
  /**
   * The version for a request that another process began: one of the last sixteen that were active here, or of the last
   * sixteen that were prepared. Undefined for any other, and if its SHA-256 does not begin with `hash`. While the
   * process is held, only the active one is found.
   */
  at(number: number, hash?: string): ActiveRules | undefined
  /** Puts a version into effect for requests that begin from now on. Requests in flight keep theirs. */
  activate(rules: ActiveRules): void
  /** Adds a prepared version: another process may activate it before this one does. */
  prepared(rules: ActiveRules): void
  /** Whether to hold the process at its active version, whatever other processes use. */
  hold(isHeld: boolean): void
}

/** How many versions of either kind are kept for requests that another process began. As many stay compiled anyway. */
const kept = 16

export function createRuleBook(first: ActiveRules): RuleBook {
  let active = first
  let isHeld = false
  const activated = new Map([[first.number, first]])
  const prepared = new Map<number, ActiveRules>()
  return {
    current: () => active,
    at(number, hash) {
      const known = isHeld ? [active] : [activated.get(number), prepared.get(number)]
      return known.find((rules) => rules?.number === number && hasHash(rules, hash))
    },
    activate(rules) {
      active = rules
      keep(activated, rules)
    },
    prepared: (rules) => keep(prepared, rules),
    hold(held) {
      isHeld = held
    },
  }
}

function hasHash({ sha256 }: ActiveRules, hash: string | undefined): boolean {
  return hash === undefined || sha256.startsWith(hash)
}

function keep(versions: Map<number, ActiveRules>, rules: ActiveRules): void {
  versions.delete(rules.number)
  versions.set(rules.number, rules)
  for (const oldest of versions.keys()) {
    if (versions.size <= kept) break
    versions.delete(oldest)
  }
}

/** Compiles a checked rule set. Overrides may name versions that are ready at that moment and serve the objective. */
export function compileRules(
  { number, sha256, ruleSet }: Pick<ActiveRules, 'number' | 'sha256' | 'ruleSet'>,
  objectives: ReadonlyMap<string, Objective>,
  versions: { readonly canAnswer: CanAnswer },
): ActiveRules {
  const canAnswer: CanAnswer = (objective, model) => versions.canAnswer(objective, model)
  const objective = memoized((name: string) => {
    const contract = objectives.get(name)
    invariant(contract, `no contract of ${name}`)
    return compileObjectiveRules(ruleSet, contract)
  })
  const router = compileRouter(ruleSet, objectives, canAnswer)
  const wayOf = memoizedWeakly(({ target, shard }: PredictionField) =>
    target.kind === 'model'
      ? undefined
      : { own: objective(target.objective), router: router.for(target.objective, shard) },
  )
  return { number, sha256, ruleSet, router, objective, wayOf }
}

/** The rules of this process, and a counter of skew. */
export interface RuleSource {
  readonly rules: RuleBook
  readonly counts: { countSkew(): void }
}

const scopeKey = Symbol('rules of a request')

/**
 * The version of the rules for a client request, fixed at its first decision: the one that its envelope names if this
 * process has it, active or not, else the active one. If the named one is missing, that is counted as skew between
 * processes.
 */
export function rulesOf(request: ClientRequest, { rules, counts }: RuleSource): ActiveRules {
  return request.scope(scopeKey, () => {
    const { ruleSet: named, ruleSetHash } = request
    if (named === undefined) return rules.current()
    const known = rules.at(named, ruleSetHash)
    if (known !== undefined) return known
    counts.countSkew()
    return rules.current()
  })
}

/** Whether the request's envelope names other rules than those that decide it. */
export function isSkewed({ ruleSet, ruleSetHash = '' }: ClientRequest, rules: ActiveRules): boolean {
  return ruleSet !== undefined && (ruleSet !== rules.number || !rules.sha256.startsWith(ruleSetHash))
}
