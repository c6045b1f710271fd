import { systemClock } from '../../lib/clock'
import type { Metrics } from '../../lib/metrics'
import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import type { PredictionField } from '../../schema/fields/plan'
import { createReadiness } from '../../serving/repository/readiness'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import type { ResolveRoute } from '../../serving/routes/resolveRoute'
import type { PlatformServices } from '../../subgraphs/platform/services'
import type { StartWorker } from '../../workers/pool/startWorker'
import type { Config } from '../config/config'
import { type CheckedSubgraphs, knownNames } from '../graph/graph'
import { neededVersions } from '../predictions/neededVersions'
import { startPredictions } from '../predictions/startPredictions'
import { readMeanwhile, startShards } from '../predictions/startShards'
import type { NodePlace } from '../rules/openStore'
import { platformRules } from '../rules/platformRules'
import { type RunningRules, startRules } from '../rules/runningRules'
import { routeResolver } from './routeAction'

/** What answers the prediction fields of one process: workers, models and rules. */
export interface Runtime<R, G extends CheckedSubgraphs = CheckedSubgraphs> {
  readonly graph: G
  readonly resolvers: R
  /** The prediction fields that are answered here. */
  readonly fields: readonly PredictionField[]
  readonly serving: PredictionRuntime
  /** For objectives whose versions are in service here. */
  readonly resolveRoute: ResolveRoute
  readonly rules: RunningRules
  /** Whether every version that its fields may need is ready, and what is missing. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Begins to bring the versions into service; settles when each of them is ready or refused, and the rules in effect are prepared or cannot be. */
  load(): Promise<void>
  /** Takes up what has come or gone in the repositories' folders; resolves with a line for each change. */
  reload(): Promise<readonly string[]>
  /** Ends the workers. */
  dispose(): Promise<void>
}

export interface RuntimeOptions<R, G extends CheckedSubgraphs> {
  /** The one subgraph whose fields are answered here, with the versions that they may need. Absent, or the platform: all fields and versions. */
  readonly subgraph?: string
  /** Reads the graph, while the workers start. Resolvers of the platform find its services when they are called. */
  read(services: () => PlatformServices | undefined): Promise<{ readonly graph: G; readonly resolvers: R }>
  readonly metrics: Metrics
  /** What it is called among the nodes of the rules. */
  readonly place: NodePlace
  /** One line for the operator. */
  readonly log: (line: string) => void
  /** How a worker comes to be, on every shard; how tests get workers that die on command. */
  readonly startWorker?: StartWorker | undefined
}

/**
 * Starts what a graph's predictions are answered with. Rejects, with nothing left running, with a LoadError that has all problems of schema,
 * objectives and rules.
 */
export async function startRuntime<R, G extends CheckedSubgraphs>(
  config: Config,
  { subgraph, read, metrics, place, log, startWorker }: RuntimeOptions<R, G>,
): Promise<Runtime<R, G>> {
  const shards = startShards(config.shards, { clock: systemClock, metrics, log, start: startWorker })
  let services: PlatformServices | undefined
  const { graph, resolvers } = await readMeanwhile(shards, () => read(() => services))
  const { plan } = graph
  for (const line of graph.report) log(line)

  const isPart = subgraph !== undefined && subgraph !== platform
  const own = plan.fields.filter((field) => subgraph === undefined || field.subgraph === subgraph)
  const predictions = await startPredictions(config, graph, {
    fields: own,
    ...(isPart && { isWanted: (version, rules) => neededVersions(own, rules, [version]).length > 0 }),
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
    const names = () => knownNames(config, predictions.repository, plan)
    rules = await startRules(config, { predictions, knownNames: names, fields: own, isPart, place, log })
    const { readiness, begin } = rules
    const resolveRoute = routeResolver(config, serving)
    services = {
      serving,
      comparisons: predictions.comparisons,
      resolveRoute,
      plan,
      get ruleSet() {
        return serving.rules.current().ruleSet
      },
      version: (key) => predictions.repository.get(key),
      tryModelAllowed: config.tryModel,
      rules: platformRules(config.ruleStore, rules, names),
    }
    const needed = isPart ? { ...plan, fields: own } : plan
    const ruled = (ruleSet: RuleSet) =>
      objectivesOf(ruleSet, isPart ? own : undefined).flatMap((objective) =>
        namedVersions(ruleSet, objective),
      )
    return {
      graph,
      resolvers,
      fields: own,
      serving,
      resolveRoute,
      rules,
      readiness: readiness(
        createReadiness(serving.registry, () => ruled(serving.rules.current().ruleSet), needed),
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

/** The objectives of the rules, or of the fields where only theirs count. */
function objectivesOf(ruleSet: RuleSet, fields: readonly PredictionField[] | undefined): readonly string[] {
  if (fields === undefined) return Object.keys(ruleSet.objectives)
  return fields.flatMap(({ target }) => (target.kind === 'objective' ? [target.objective] : []))
}
