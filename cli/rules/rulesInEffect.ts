import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { NodeMemory } from '../../routing/node/nodeMemory'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import { readNodeCopy } from '../../routing/store/nodeCopy'
import type { RuleSetVersion } from '../../routing/store/ruleSetVersion'
import type { Config } from '../config/config'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { member } from '../processes/member'
import { type NodePlace, openStore } from './openStore'

/** Rules to check the subgraphs with, in place of those of the rule file. */
export interface StoredRules {
  readonly ruleSet: RuleSet
  /** What messages about them begin with. */
  readonly rulesName: string
}

/**
 * What `check` returns with the rule file or, if it refuses that, with the rules in effect: a file with mistakes does not
 * keep a process from taking the place of one that has ended. A process that is alone with the default store is most
 * likely started to try the file, so its mistakes end it. If both are refused, throws what `check` says of the file.
 */
export async function orWithRulesInEffect<T>(
  { rules: file, ruleStore }: Config,
  place: NodePlace,
  log: (line: string) => void,
  check: (stored?: StoredRules) => T,
): Promise<T> {
  try {
    return check()
  } catch (error) {
    const isAlone = member === undefined || member.isFirst
    if (!(error instanceof LoadError) || (ruleStore.isDefault && isAlone)) throw error
    const version = await versionInEffect(ruleStore, place).catch(() => undefined)
    if (version === undefined) throw error
    try {
      const rulesName = `version ${version.number} of the rules`
      const checked = check({ ruleSet: parseRuleSet(version.text, rulesName), rulesName })
      // What follows the file says so, too.
      if (!ruleStore.follow) {
        for (const problem of error.problems) log(problem)
        log(`${shortPath(file)}: not used; ${rulesName} is in effect`)
      }
      return checked
    } catch {
      throw error
    }
  }
}

/** That of the store or, if it does not answer, of the node's own copy; undefined if there is none. */
async function versionInEffect(
  config: RuleStoreConfig,
  { name, file }: NodePlace,
): Promise<RuleSetVersion | undefined> {
  const store = await openStore(config, () => {})
  try {
    const head = await store.head()
    if (head.kind === 'nothing') return undefined
    const number = Object.hasOwn(head.pins, name) ? head.pins[name] : head.active?.number
    return number === undefined ? undefined : await store.get(number)
  } catch {
    const copy = file === undefined ? undefined : readNodeCopy(file)
    return new NodeMemory(copy).toServe(name)[0]
  } finally {
    await store.dispose()
  }
}
