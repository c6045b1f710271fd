import { answeringVersions, type RuleSet } from '../routing/ruleSet'
import { loadSubgraphSources } from '../schema/subgraphSources'
import { createReadiness } from '../serving/readiness'
import type { Serving } from '../serving/serving'
import type { SubgraphResolvers } from '../serving/subgraphSchema'
import type { PlatformServices } from '../subgraphs/platform/resolvers'
import { createPrometheusMetrics } from '../telemetry/prometheus'
import type { StartWorker } from '../workers/startWorker'
import type { Config } from './config'
import { createDeploymentGateway } from './createDeploymentGateway'
import { type Graph, loadGraph } from './graph'
import { openDoor } from './openDoor'
import { startPredictions } from './startPredictions'
import { createAllResolvers } from './subgraphResolvers'

/** A running deployment: gateway, subgraphs and workers in this process. */
export interface Deployment {
  readonly url: string
  readonly port: number
  readonly graph: Graph
  readonly serving: Serving
  /** Settles when every version of the repository is ready or refused. */
  readonly loaded: Promise<void>
  /** Finishes what is in flight, then ends server and workers. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly port?: number
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
  let services: PlatformServices | undefined
  const sources = loadSubgraphSources(config.graph.subgraphs)
  const resolvers = createAllResolvers(config, () => services, options.resolvers, sources)
  const graph = loadGraph(config, resolvers, sources)
  const { plan, ruleSet, repository } = graph
  for (const line of graph.report) log(line)

  const metrics = createPrometheusMetrics()
  const { startWorker } = options
  const { versions } = repository
  const predictions = await startPredictions(config, graph, { versions, metrics, log, startWorker })
  const { serving } = predictions
  try {
    services = {
      serving,
      plan,
      ruleSet,
      versions: new Map(versions.map((version) => [version.key, version])),
      tryModelAllowed: config.tryModel,
    }
    const server = await openDoor(config, options, {
      gateway: createDeploymentGateway(config, graph, resolvers, serving, metrics),
      metrics,
      metricsText: metrics.text,
      readiness: createReadiness(serving.registry, ruledVersions(ruleSet), plan),
    })

    let closing: Promise<void> | undefined
    return {
      url: `${server.url}/graphql`,
      port: server.port,
      graph,
      serving,
      // Still in the turn in which the door opened: no request finds a registry without versions.
      loaded: predictions.load(),
      close() {
        closing ??= server.close().finally(() => predictions.dispose())
        return closing
      },
    }
  } catch (error) {
    await predictions.dispose()
    throw error
  }
}

function ruledVersions(ruleSet: RuleSet): readonly string[] {
  return Object.keys(ruleSet.objectives).flatMap((objective) => answeringVersions(ruleSet, objective))
}
