import type { RepositoryVersion } from '../models/repository/repository'
import type { RuleNode } from '../routing/node/ruleNode'
import type { KnownNames } from '../routing/ruleSet/knownNames'
import type { RuleSet } from '../routing/ruleSet/ruleSet'
import type { RuleStore } from '../routing/store/ruleStore'
import type { Plan } from '../schema/fields/plan'
import type { PredictionRuntime } from '../serving/requests/predictionRuntime'
import type { ResolveRoute } from '../serving/routes/resolveRoute'
import type { ShadowComparisons } from '../serving/shadow/shadowComparisons'

/** What the platform shows of itself. */
export interface PlatformServices {
  readonly serving: PredictionRuntime
  readonly comparisons: ShadowComparisons
  readonly resolveRoute: ResolveRoute
  readonly plan: Plan
  readonly ruleSet: RuleSet
  /** What is known of a version of the repository now. */
  version(key: string): RepositoryVersion | undefined
  readonly tryModelAllowed: boolean
  readonly rules: PlatformRules
}

/** Versions of the rules, and who follows them. */
export interface PlatformRules {
  readonly store: RuleStore
  readonly node: RuleNode
  /** What rules may name now. */
  knownNames(): KnownNames
  /** Whether operators may change the rules through the graph. */
  readonly mutationsAllowed: boolean
  /** Writes of a change. Rejects where that cannot be done: nothing is changed then. */
  audit(entry: AuditEntry): Promise<void>
}

/** A change that somebody asked for, or what came of it. */
export interface AuditEntry {
  readonly event: 'asked' | 'done'
  /** Of the client request. */
  readonly request: string
  readonly change: 'publish' | 'activate' | 'rollback'
  readonly by: Operator
  readonly [fact: string]: unknown
}

/** Who asked: whom the token is about; where that is not known, what it allows. Nobody is an operator without a token. */
export type Operator = { readonly subject: string } | { readonly roles: readonly string[] }
