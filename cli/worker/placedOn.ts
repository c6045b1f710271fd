import { existsSync } from 'node:fs'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { shardsOf } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'

/** Whether the rule file places a version on a shard; every version if there is no rule file. */
export function placedOn({ rules }: Pick<Config, 'rules'>, shard: string): (key: string) => boolean {
  if (!existsSync(rules)) return () => true
  const ruleSet = parseRuleSet(readTextFile(rules), shortPath(rules))
  return (key) => shardsOf(ruleSet, key).includes(shard)
}
