import type { GraphQLSchema } from 'graphql'
import type { Metrics } from '../lib/metrics'
import { answeringVersions, type RuleSet, shardsOf } from '../routing/ruleSet'
import type { Plan } from '../schema/plan'
import { withPredictDirective } from '../schema/predictDirective'
import type { SubgraphSource } from '../schema/subgraphSources'
import { createReadiness } from '../serving/readiness'
import type { Serving } from '../serving/serving'
import { buildPredictionSubgraph, type SubgraphResolvers } from '../serving/subgraphSchema'
import type { PlatformServices } from '../subgraphs/platform/resolvers'
import type { Config } from './config'
import { checkSubgraphs } from './graph'
import { neededVersions } from './neededVersions'
import { startPredictions } from './startPredictions'

/** One subgraph that can run: its schema, and what its prediction fields are answered with. */
export interface SubgraphRuntime {
  readonly schema: GraphQLSchema
  readonly serving: Serving
  /** Whether every version that its fields may need is ready, and what is missing. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Begins to bring the versions into service; settles when each of them is ready or refused. */
  load(): Promise<void>
  /** Ends the workers. */
  dispose(): Promise<void>
}

export interface SubgraphParts {
  /** All subgraphs that it is checked with, itself among them. */
  readonly sources: readonly SubgraphSource[]
  readonly createResolvers: (services: () => unknown) => SubgraphResolvers
  readonly metrics: Metrics
  /** One line for the operator. */
  readonly log: (line: string) => void
}

/**
 * Builds one subgraph and starts its workers. Only those versions come into service that its fields may need; with the
 * platform, which shows and tries them, all. Rejects, with nothing left running, with a LoadError that has all problems of
 * schema, objectives and rules.
 */
export async function createSubgraphRuntime(
  config: Config,
  source: SubgraphSource,
  { sources, createResolvers, metrics, log }: SubgraphParts,
): Promise<SubgraphRuntime> {
  const { name } = source
  let services: PlatformServices | undefined
  const resolvers = createResolvers(() => services)
  const graph = checkSubgraphs(config, new Map([[name, resolvers]]), sources)
  const { ruleSet, repository } = graph
  const fields = graph.plan.fields.filter((field) => field.subgraph === name)
  const plan = name === platform ? graph.plan : { ...graph.plan, fields }
  const versions =
    name === platform ? repository.versions : neededVersions(fields, ruleSet, repository.versions)
  for (const line of graph.report) log(line)

  const shards = name === platform ? config.shards : placedShards(config, ruleSet, versions, plan)
  const predictions = await startPredictions({ ...config, shards }, graph, { versions, metrics, log })
  const { serving, load, dispose } = predictions
  try {
    services = {
      serving,
      plan: graph.plan,
      ruleSet,
      versions: new Map(versions.map((version) => [version.key, version])),
      tryModelAllowed: config.tryModel,
    }
    const { document } = withPredictDirective(source)
    return {
      schema: buildPredictionSubgraph(document, resolvers, fields, serving),
      serving,
      readiness: createReadiness(serving.registry, ruledVersions(ruleSet, plan), plan),
      load,
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The subgraph that shows what a deployment knows of itself. */
export const platform = 'platform'

/** Those shards that the versions are placed on or a field names; the others would have workers that nobody asks. */
function placedShards(
  { shards }: Config,
  ruleSet: RuleSet,
  versions: readonly { readonly key: string }[],
  { fields }: Plan,
): Config['shards'] {
  const placed = new Set([
    ...versions.flatMap(({ key }) => shardsOf(ruleSet, key)),
    ...fields.flatMap(({ shard }) => shard ?? []),
  ])
  return Object.fromEntries(Object.entries(shards).filter(([name]) => placed.has(name)))
}

/** The versions that answer the objectives of the fields. */
function ruledVersions(ruleSet: RuleSet, { fields }: Plan): readonly string[] {
  return fields.flatMap(({ target }) =>
    target.kind === 'objective' ? answeringVersions(ruleSet, target.objective) : [],
  )
}
