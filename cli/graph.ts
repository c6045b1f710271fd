import { readFileSync } from 'node:fs'
import { shortPath } from '../lib/compiled'
import { LoadError } from '../lib/errors'
import { modelContract } from '../models/modelContract'
import { loadRepository, type Repository } from '../models/repository'
import { checkRuleSet, parseRuleSet, type RuleSet, shardsOf } from '../routing/ruleSet'
import { type Catalog, compilePlan } from '../schema/compilePlan'
import { composeSupergraph } from '../schema/composeSupergraph'
import type { Plan } from '../schema/plan'
import { loadSubgraphSources, type SubgraphSource } from '../schema/subgraphSources'
import type { Config } from './config'

/** Everything of a deployment that files say and that can be checked without running anything. */
export interface Graph {
  readonly sources: readonly SubgraphSource[]
  readonly repository: Repository
  readonly ruleSet: RuleSet
  readonly plan: Plan
  readonly supergraphSdl: string
}

/**
 * Reads and checks the subgraphs, the repositories and the rules against each other. Throws a LoadError with what is
 * wrong. Versions that were refused do not fail it: they stand in the repository with their reason.
 */
export function loadGraph(config: Config, hasResolver?: Catalog['hasResolver']): Graph {
  const sources = loadSubgraphSources(config.graph.subgraphs)
  const repository = loadRepository(config.repositories)
  if (repository.problems.length > 0) throw new LoadError(repository.problems)
  const ruleSet = readRuleSet(config.rules)
  const plan = compilePlan(sources, {
    objectives: repository.objectives,
    models: contracts(repository),
    shards: Object.keys(config.shards),
    contextKeys: new Map(Object.entries(config.context).map(([key, { type }]) => [key, type])),
    shardsOf: (model) => shardsOf(ruleSet, model),
    hasResolver,
  })
  checkRuleSet(ruleSet, shortPath(config.rules), {
    objectives: new Set(repository.objectives.keys()),
    models: new Set(repository.versions.map((version) => version.key)),
    shards: new Set(Object.keys(config.shards)),
    fieldShards: fieldShards(plan),
  })
  return { sources, repository, ruleSet, plan, supergraphSdl: composeSupergraph(sources, plan) }
}

function readRuleSet(file: string): RuleSet {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new LoadError([`${shortPath(file)}: must be a readable file, got ${(error as NodeJS.ErrnoException).code}`])
  }
  return parseRuleSet(text, shortPath(file))
}

function contracts(repository: Repository): Catalog['models'] {
  return new Map(
    repository.versions.flatMap((version) => {
      return version.state === 'found'
        ? [[version.key, modelContract(version.manifest, repository.objectives)] as const]
        : []
    }),
  )
}

function fieldShards(plan: Plan): Map<string, Set<string>> {
  const byObjective = new Map<string, Set<string>>()
  for (const { target, shard } of plan.fields) {
    if (target.kind !== 'objective') continue
    const shards = byObjective.get(target.objective) ?? new Set()
    if (shard !== undefined) shards.add(shard)
    byObjective.set(target.objective, shards)
  }
  return byObjective
}
