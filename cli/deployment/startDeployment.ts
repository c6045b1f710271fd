import { systemClock } from '../../lib/clock'
import { namedVersions, type RuleSet } from '../../routing/ruleSet/ruleSet'
import { loadSubgraphSources } from '../../schema/sdl/subgraphSources'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import { createReadiness } from '../../serving/repository/readiness'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import type { PlatformServices } from '../../subgraphs/platform/services'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import type { StartWorker } from '../../workers/pool/startWorker'
import type { Address } from '../config/address'
import type { Config } from '../config/config'
import { type Graph, knownNames, loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { startPredictions } from '../predictions/startPredictions'
import { readMeanwhile, startShards } from '../predictions/startShards'
import { nodePlace, portOf } from '../rules/openStore'
import { platformRules } from '../rules/platformRules'
import { type RunningRules, startRules } from '../rules/runningRules'
import { createDeploymentGateway } from './createDeploymentGateway'
import { openDoor } from './openDoor'
import { modelActions } from './reloadAction'
import { routeAction, routePath, routeResolver } from './routeAction'

/** A running deployment: gateway, subgraphs and workers in this process. */
export interface Deployment {
  readonly url: string
  readonly port: number
  /** Of the listener that operators have, where it is another one. */
  readonly adminUrl: string | undefined
  readonly graph: Graph
  readonly serving: PredictionRuntime
  readonly rules: RunningRules
  /** Settles when every version of the repository is ready or refused, and the rules in effect are prepared or cannot be. */
  readonly loaded: Promise<void>
  /** Finishes what is in flight, then ends server and workers. */
  close(): Promise<void>
}

export interface StartOptions extends Omit<Address, 'host'> {
  /** One line for the operator. */
  readonly log?: (line: string) => void
  /** Resolvers laid over a subgraph's own; how tests make an upstream fail. */
  readonly resolvers?: Readonly<Record<string, SubgraphResolvers>>
  /** How a worker comes to be, on every shard; how tests get workers that die on command. */
  readonly startWorker?: StartWorker
}

/**
 * Starts everything that a configuration describes. The door opens before the models are loaded: until then
 * `/health/ready` says what is missing, and predictions answer `MODEL_NOT_READY`. Rejects, with nothing left running, with
 * a LoadError if the schema, the objectives or the rules are wrong, or the address cannot be had.
 */
export async function startDeployment(config: Config, options: StartOptions = {}): Promise<Deployment> {
  const log = options.log ?? (() => {})
  const metrics = createPrometheusMetrics()
  const shards = startShards(config.shards, { clock: systemClock, metrics, log, start: options.startWorker })
  let services: PlatformServices | undefined
  const { graph, resolvers } = await readMeanwhile(shards, () => {
    const sources = loadSubgraphSources(config.graph.subgraphs)
    const resolvers = createAllResolvers(config, () => services, options.resolvers, sources)
    return { graph: loadGraph(config, resolvers, sources), resolvers }
  })
  const { plan } = graph
  for (const line of graph.report) log(line)

  const { fields } = plan
  const predictions = await startPredictions(config, graph, { fields, metrics, log, shards })
  const { serving } = predictions
  let rules: RunningRules | undefined
  const stop = async () => {
    await rules?.dispose()
    await predictions.dispose()
  }
  try {
    const names = () => knownNames(config, predictions.repository, plan)
    rules = await startRules(config, {
      predictions,
      knownNames: names,
      fields,
      isPart: false,
      place: nodePlace(config.ruleStore, 'start', portOf(options.port ?? config.server.port)),
      log,
    })
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
    const server = await openDoor(config, options, {
      gateway: createDeploymentGateway(config, graph, resolvers, serving, metrics),
      takesDocuments: true,
      metrics,
      metricsText: metrics.text,
      actions: new Map([[routePath, routeAction(resolveRoute)]]),
      adminActions: modelActions(config, options, predictions.reload),
      readiness: rules.readiness(
        createReadiness(serving.registry, () => ruledVersions(serving.rules.current().ruleSet), plan),
      ),
    })

    let closing: Promise<void> | undefined
    return {
      url: `${server.url}/graphql`,
      port: server.port,
      adminUrl: server.adminUrl,
      graph,
      serving,
      rules,
      // Still in the turn in which the door opened: no request finds a registry without versions.
      loaded: rules.begin(predictions.load()),
      close() {
        closing ??= server.close().finally(stop)
        return closing
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Every version that a request may be sent to, or that may stand in for it or beside it. */
function ruledVersions(ruleSet: RuleSet): readonly string[] {
  return Object.keys(ruleSet.objectives).flatMap((objective) => namedVersions(ruleSet, objective))
}
