import type { PlatformRules } from '../../platform/services'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { createAuditLog } from './auditLog'
import type { RunningRules } from './runningRules'

/** The rules of a process in the form that the platform subgraph shows and changes. */
export function platformRules(
  { mutations, audit }: RuleStoreConfig,
  { store, node }: RunningRules,
  knownNames: () => KnownNames,
): PlatformRules {
  return { store, node, knownNames, mutationsAllowed: mutations, audit: createAuditLog(audit) }
}
