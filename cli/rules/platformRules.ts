import type { PlatformRules } from '../../platform/services'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { createAuditLog } from './auditLog'
import type { RunningRules } from './runningRules'

/** The rules of a process as its platform subgraph shows and changes them. */
export function platformRules(
  { mutations, audit }: RuleStoreConfig,
  { store, node }: RunningRules,
  knownNames: () => KnownNames,
): PlatformRules {
  return { store, node, knownNames, mutationsAllowed: mutations, audit: createAuditLog(audit) }
}
