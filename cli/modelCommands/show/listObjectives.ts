import { basename } from 'node:path'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { type JsonOption, printResult } from '../../terminal/printResult'
import { table } from '../../terminal/table'
import { readRuleFile } from '../read/repositories'
import { describeContract } from './describeContract'

export function listObjectives(config: Config, options: JsonOption): void {
  const repository = readRepositories(config)
  const ruleSet = readRuleFile(config)
  const objectives = [...repository.objectives.values()]
    .sort((one, two) => (one.name < two.name ? -1 : 1))
    .map((objective) => describeContract(objective, repository, ruleSet))
  const rows = objectives.map(({ objective, unit, owner, versions, candidates }) => [
    objective,
    unit ?? '',
    candidates.map(({ model, shares }) => `${model} (${shares.map(({ by }) => by).join('; ')})`).join(', '),
    String(versions.length),
    owner ?? '',
  ])
  const text =
    rows.length === 0
      ? 'No objectives'
      : table([['objective', 'unit', `in ${basename(config.rules)}`, 'versions', 'owner'], ...rows])
  printResult({ text, value: objectives }, options)
}
