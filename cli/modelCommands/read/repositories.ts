import { existsSync } from 'node:fs'
import { LoadError, show } from '../../../lib/errors'
import { nearMiss } from '../../../lib/files/nearMiss'
import { readTextFile } from '../../../lib/files/readTextFile'
import { shortPath } from '../../../lib/packagePaths'
import type { Objective } from '../../../models/contracts/objective'
import type { FoundVersion, Repository, RepositoryVersion } from '../../../models/repository/repository'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { RuleSet } from '../../../routing/ruleSet/ruleSet'
import type { Config } from '../../config/config'

/** The version called `name@version`, or the newest version of `name`. Throws a LoadError if there is none. */
export function findVersion({ versions }: Repository, name: string): RepositoryVersion {
  const found = versions.findLast((version) => version.key === name || version.name === name)
  if (found !== undefined) return found
  const [model] = name.split('@')
  const ofModel = versions.filter((version) => version.name === model).map(({ version }) => version)
  const known = name.includes('@') ? versions.map(({ key }) => key) : versions.map((version) => version.name)
  const hint =
    ofModel.length > 0 ? `; ${model} has ${ofModel.slice(-8).join(', ')}` : nearMiss(name, new Set(known))
  throw new LoadError([`model: must be a version of the repositories, got ${show(name)}${hint}`])
}

/** Like `findVersion`, but the version must be complete. Throws a LoadError for a refused one. */
export function findWholeVersion(repository: Repository, name: string): FoundVersion {
  const version = findVersion(repository, name)
  if (version.state === 'refused') throw new LoadError(notReady(version))
  return version
}

/** A line for each problem of a version that is not fit to serve. */
export function notReady({
  key,
  problems,
}: {
  readonly key: string
  readonly problems: readonly string[]
}): string[] {
  return problems.map((problem) => `${key} is not ready: ${problem}`)
}

/** Throws a LoadError if there is no such objective. */
export function findObjective({ objectives }: Repository, name: string): Objective {
  const found = objectives.get(name)
  if (found !== undefined) return found
  throw new LoadError([
    `objective: must be one of the repositories, got ${show(name)}${nearMiss(name, objectives.keys())}`,
  ])
}

/** The rule file of the configuration; undefined if there is none, as in a folder that is only a repository. */
export function readRuleFile({ rules }: Pick<Config, 'rules'>): RuleSet | undefined {
  return existsSync(rules) ? parseRuleSet(readTextFile(rules), shortPath(rules)) : undefined
}
