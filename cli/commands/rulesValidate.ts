import { existsSync } from 'node:fs'
import { counted, LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'
import { loadKnownNames } from '../graph/graph'
import { type JsonOption, printChecked } from '../terminal/printResult'

export interface ValidateOptions extends JsonOption {
  readonly strict?: boolean
}

/**
 * Checks a rule file, by default the configured one: its shape, and every name against the deployment's subgraphs,
 * objectives, models and shards. Without a configuration, checks the shape only. Prints warnings; throws a LoadError
 * with all problems, or prints them as JSON and sets the exit code.
 */
export async function rulesValidate(
  config: Config,
  named: string | undefined,
  options: ValidateOptions,
): Promise<void> {
  const file = named ?? config.rules
  const isDeployment = existsSync(config.file)
  const warnings: string[] = []
  let ruleSet: RuleSet
  try {
    const text = readTextFile(file)
    const known = isDeployment ? await loadKnownNames(config) : undefined
    ruleSet = parseRuleSet(text, shortPath(file), known, (line) => warnings.push(line))
    if (options.strict && warnings.length > 0) throw new LoadError(warnings)
  } catch (error) {
    if (!options.json || !(error instanceof LoadError)) throw error
    const { problems } = error
    return printChecked(problems, { file: shortPath(file), valid: false, problems, warnings: [] }, options)
  }
  if (options.json)
    return printChecked([], { file: shortPath(file), valid: true, problems: [], warnings }, options)
  for (const line of warnings) console.log(`warning: ${line}`)
  const rules = Object.values(ruleSet.objectives).reduce((sum, one) => sum + (one.rules?.length ?? 0), 0)
  const checked = isDeployment
    ? 'is fit to be published'
    : 'has the right shape (names were not checked: no configuration)'
  console.log(
    `${shortPath(file)} ${checked}: ${counted(Object.keys(ruleSet.objectives).length, 'objective')}, ${counted(rules, 'rule')}`,
  )
}
