import { existsSync } from 'node:fs'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { Config } from '../config/config'
import { loadKnownNames } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'

/**
 * Checks a rule file, the configured one unless another is named: its shape, and every name against the deployment's
 * subgraphs, objectives, models and shards. Without a configuration only the shape. Prints warnings; throws a LoadError with all
 * problems.
 */
export async function rulesValidate(config: Config, named: string | undefined): Promise<void> {
  const file = named ?? config.rules
  const text = readTextFile(file)
  const isDeployment = existsSync(config.file)
  const known = isDeployment
    ? loadKnownNames(config, await createAllResolvers(config, noServices))
    : undefined
  const ruleSet = parseRuleSet(text, shortPath(file), known, (line) => console.log(`warning: ${line}`))
  const rules = Object.values(ruleSet.objectives).reduce((sum, one) => sum + (one.rules?.length ?? 0), 0)
  const checked = isDeployment
    ? 'is fit to be published'
    : 'has the right shape (names were not checked: no configuration)'
  console.log(
    `${shortPath(file)} ${checked}: ${Object.keys(ruleSet.objectives).length} objectives, ${rules} rules`,
  )
}

function noServices(): never {
  throw new Error('Bug: resolvers ask for services while they are created')
}
