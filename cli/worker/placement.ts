import type { RepositoryVersion } from '../../models/repository/repository'
import { namedVersions, shardsOf } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'
import { readRuleFile } from '../modelCommands/read/repositories'

/** What the rule file places on a shard; every version if there is no rule file. */
export interface Placement {
  readonly has: (key: string) => boolean
  /** Its versions: first those that rules name, in their order, then the newest of each model. */
  inOrder(versions: readonly RepositoryVersion[]): readonly RepositoryVersion[]
}

export function readPlacement(config: Pick<Config, 'rules'>, shard: string): Placement {
  const ruleSet = readRuleFile(config)
  const has = (key: string) => ruleSet === undefined || shardsOf(ruleSet, key).includes(shard)
  const objectives = Object.keys(ruleSet?.objectives ?? {})
  const named = ruleSet === undefined ? [] : objectives.flatMap((one) => namedVersions(ruleSet, one))
  return {
    has,
    inOrder(versions) {
      const ranks = new Map([...new Set(named)].map((key, rank) => [key, rank]))
      const newer = new Map<string, number>()
      for (const { key, name } of [...versions].reverse()) {
        const count = newer.get(name) ?? 0
        newer.set(name, count + 1)
        if (!ranks.has(key)) ranks.set(key, named.length + count)
      }
      return versions
        .filter(({ key }) => has(key))
        .sort((left, right) => ranks.get(left.key)! - ranks.get(right.key)!)
    },
  }
}
