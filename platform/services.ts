import type { RepositoryVersion } from '../models/repository/repository'
import type { RuleNode } from '../routing/node/ruleNode'
import type { KnownNames } from '../routing/ruleSet/knownNames'
import type { RuleSet } from '../routing/ruleSet/ruleSet'
import type { RuleStore } from '../routing/store/ruleStore'
import type { Plan } from '../schema/fields/plan'
import type { OutputDistributions } from '../serving/distributions/outputDistributions'
import type { PredictionRuntime } from '../serving/requests/predictionRuntime'
import type { ResolveRoute } from '../serving/routes/resolveRoute'
import type { ShadowComparisons } from '../serving/shadow/shadowComparisons'

/** The services that the platform's resolvers use. */
export interface PlatformServices {
  readonly serving: PredictionRuntime
  readonly comparisons: ShadowComparisons
  readonly distributions: OutputDistributions
  readonly resolveRoute: ResolveRoute
  readonly plan: Plan
  readonly ruleSet: RuleSet
  /** The current state of a version in the repository; undefined if there is none. */
  version(key: string): RepositoryVersion | undefined
  readonly tryModelAllowed: boolean
  readonly rules: PlatformRules
}

/** The versions of the rules, and the nodes that follow them. */
export interface PlatformRules {
  readonly store: RuleStore
  readonly node: RuleNode
  /** The names that rules may use now. */
  knownNames(): KnownNames
  /** Whether operators may change the rules through the graph. */
  readonly mutationsAllowed: boolean
  /**
   * Has servers elsewhere load what a version uses and the active one does not. Resolves when they have, or after `ms`, with a
   * line for each version of a model that not all of them have. Never rejects.
   */
  loadOnServers(number: number, active: number | null, ms: number): Promise<readonly string[]>
  /** Writes an entry to the audit log. Rejects if that fails; then nothing must be changed. */
  audit(entry: AuditEntry): Promise<void>
}

/** A requested change, or its outcome. One that failed may have been made, if the store did not answer. */
export interface AuditEntry {
  readonly event: 'asked' | 'done' | 'failed'
  /** The id of the client request. */
  readonly request: string
  readonly change: 'publish' | 'activate' | 'rollback'
  readonly by: Operator
  readonly [fact: string]: unknown
}

/** Who requested a change: the token's subject or, if unknown, the roles. Nobody is an operator without a token. */
export type Operator = { readonly subject: string } | { readonly roles: readonly string[] }
