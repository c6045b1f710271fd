import { basename } from 'node:path'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { type JsonOption, printResult } from '../../terminal/printResult'
import { table } from '../../terminal/table'
import { findObjective, readRuleFile } from '../read/repositories'
import { versionProblems } from '../read/versionProblems'
import { modelShares } from './modelShares'

export interface ListOptions extends JsonOption {
  readonly objective?: string
}

/** Prints every version of the repositories, or those that may serve an objective. Loads nothing. */
export function listModels(config: Config, options: ListOptions): void {
  const repository = readRepositories(config)
  const { objective } = options
  if (objective !== undefined) findObjective(repository, objective)
  const ruleSet = readRuleFile(config)
  const models = repository.versions
    .filter(({ manifest }) => objective === undefined || manifest?.serves.includes(objective))
    .map((version) => ({
      model: version.key,
      serves: version.manifest?.serves ?? [],
      rules: modelShares(ruleSet, version.key),
      owner: version.manifest?.owner ?? null,
      problems: versionProblems(version, repository),
    }))
  const rows = models.map(({ model, serves, rules, owner, problems }) => [
    model,
    serves.join(', '),
    rules.map(({ by }) => by).join('; '),
    owner ?? '',
    // `models show` prints all of them.
    problems.length > 1 ? `${problems[0]} (and ${problems.length - 1} more)` : (problems[0] ?? ''),
  ])
  const text = table([['model', 'serves', `in ${basename(config.rules)}`, 'owner', 'problem'], ...rows])
  printResult({ text: models.length === 0 ? 'No versions' : text, value: models }, options)
}
