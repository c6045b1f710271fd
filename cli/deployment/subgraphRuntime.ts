import type { GraphQLSchema } from 'graphql'
import { systemClock } from '../../lib/clock'
import type { Metrics } from '../../lib/metrics'
import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import type { Plan } from '../../schema/fields/plan'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import { buildPredictionSubgraph, type SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import { createReadiness } from '../../serving/repository/readiness'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import type { ResolveRoute } from '../../serving/routes/resolveRoute'
import type { PlatformServices } from '../../subgraphs/platform/services'
import type { Config } from '../config/config'
import { checkSubgraphs, knownNames } from '../graph/graph'
import { neededVersions } from '../predictions/neededVersions'
import { startPredictions } from '../predictions/startPredictions'
import { readMeanwhile, startShards } from '../predictions/startShards'
import type { NodePlace } from '../rules/openStore'
import { platformRules } from '../rules/platformRules'
import { type RunningRules, startRules } from '../rules/runningRules'
import { routeResolver } from './routeAction'

/** One subgraph that can run: its schema, and what its prediction fields are answered with. */
export interface SubgraphRuntime {
  readonly schema: GraphQLSchema
  readonly serving: PredictionRuntime
  /** For objectives whose versions are in service here. */
  readonly resolveRoute: ResolveRoute
  readonly rules: RunningRules
  /** Whether every version that its fields may need is ready, and what is missing. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Begins to bring the versions into service; settles when each of them is ready or refused. */
  load(): Promise<void>
  /** Takes up what has come or gone in the repositories' folders; resolves with a line for each thing. */
  reload(): Promise<readonly string[]>
  /** Ends the workers. */
  dispose(): Promise<void>
}

export interface SubgraphParts {
  /** All subgraphs that it is checked with, itself among them. */
  readonly sources: readonly SubgraphSource[]
  readonly createResolvers: (services: () => unknown) => SubgraphResolvers
  readonly metrics: Metrics
  /** What it is called among the nodes of the rules. */
  readonly place: NodePlace
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
  { sources, createResolvers, metrics, place, log }: SubgraphParts,
): Promise<SubgraphRuntime> {
  const { name } = source
  const shards = startShards(config.shards, { clock: systemClock, metrics, log })
  let services: PlatformServices | undefined
  const { graph, resolvers } = await readMeanwhile(shards, () => {
    const resolvers = createResolvers(() => services)
    return { graph: checkSubgraphs(config, new Map([[name, resolvers]]), sources), resolvers }
  })
  const fields = graph.plan.fields.filter((field) => field.subgraph === name)
  const plan = name === platform ? graph.plan : { ...graph.plan, fields }
  for (const line of graph.report) log(line)

  const predictions = await startPredictions(config, graph, {
    fields,
    ...(name !== platform && {
      isWanted: (version, rules) => neededVersions(fields, rules, [version]).length > 0,
    }),
    metrics,
    log,
    shards,
  })
  const { serving, load, reload } = predictions
  let rules: RunningRules | undefined
  const dispose = async () => {
    await rules?.dispose()
    await predictions.dispose()
  }
  try {
    const names = () => knownNames(config, predictions.repository, graph.plan)
    rules = await startRules(config, {
      predictions,
      knownNames: names,
      fields,
      isPart: name !== platform,
      place,
      log,
    })
    const { readiness, begin } = rules
    const resolveRoute = routeResolver(config, serving)
    services = {
      serving,
      comparisons: predictions.comparisons,
      resolveRoute,
      plan: graph.plan,
      get ruleSet() {
        return serving.rules.current().ruleSet
      },
      version: (key) => predictions.repository.get(key),
      tryModelAllowed: config.tryModel,
      rules: platformRules(config.ruleStore, rules, names),
    }
    const { document } = withPredictDirective(source)
    return {
      schema: buildPredictionSubgraph(document, resolvers, fields, serving),
      serving,
      resolveRoute,
      rules,
      readiness: readiness(
        createReadiness(serving.registry, () => ruledVersions(serving.rules.current().ruleSet, plan), plan),
      ),
      load: () => begin(load()),
      reload,
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The subgraph that shows what a deployment knows of itself. */
export const platform = 'platform'

/** The versions that rules name for the objectives of the fields. */
function ruledVersions(ruleSet: RuleSet, { fields }: Plan): readonly string[] {
  return fields.flatMap(({ target }) =>
    target.kind === 'objective' ? namedVersions(ruleSet, target.objective) : [],
  )
}
