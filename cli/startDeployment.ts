import { type HttpServer, startHttpServer } from '../gateway/httpServer'
import type { PresageGateway } from '../gateway/presageGateway'
import { systemClock } from '../lib/clock'
import { compileRouter } from '../routing/compileRouter'
import { shardsOf } from '../routing/ruleSet'
import { loadVersions } from '../serving/loadVersions'
import { ModelRegistry } from '../serving/modelRegistry'
import { createReadiness } from '../serving/readiness'
import { createServing, type Serving } from '../serving/serving'
import type { SubgraphResolvers } from '../serving/subgraphSchema'
import type { PlatformServices } from '../subgraphs/platform/resolvers'
import { createPrometheusMetrics } from '../telemetry/prometheus'
import type { StartWorker } from '../workers/startWorker'
import type { Config } from './config'
import { createDeploymentGateway } from './createDeploymentGateway'
import { type Graph, loadGraph } from './graph'
import { listenProblem } from './listenProblem'
import { startShards } from './startShards'
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
  const resolvers = createAllResolvers(config, () => services, options.resolvers)
  const graph = loadGraph(config, resolvers)
  const { plan, ruleSet, repository } = graph
  for (const line of graph.report) log(line)

  const metrics = createPrometheusMetrics()
  const shards = await startShards(config.shards, {
    clock: systemClock,
    metrics,
    log,
    start: options.startWorker,
  })
  const disposeShards = async () => {
    await Promise.all([...shards.values()].map((shard) => shard.dispose()))
  }
  try {
    const serving = createServing({
      objectives: repository.objectives,
      registry: new ModelRegistry(),
      shards,
      router: compileRouter(ruleSet),
      clock: systemClock,
      metrics,
      maxRows: config.limits.predictionRows,
    })
    const versions = new Map(repository.versions.map((version) => [version.key, version]))
    services = { serving, plan, ruleSet, versions, tryModelAllowed: config.tryModel }
    const server = await openDoor(config, options.port ?? config.server.port, {
      gateway: createDeploymentGateway(config, graph, resolvers, serving),
      metricsText: metrics.text,
      readiness: createReadiness(serving.registry, ruledVersions(graph), plan),
    })

    let closing: Promise<void> | undefined
    // A load that a shutdown cuts short says nothing about its model.
    const logLoad = (line: string) => {
      if (closing === undefined) log(line)
    }
    // Still in the turn in which the door opened: no request finds a registry without versions.
    const loaded = loadVersions(repository.versions, (key) => shardsOf(ruleSet, key), serving, logLoad)
    return {
      url: `${server.url}/graphql`,
      port: server.port,
      graph,
      serving,
      loaded,
      close() {
        closing ??= server
          .close()
          .finally(disposeShards)
          .then(() => loaded)
        return closing
      },
    }
  } catch (error) {
    await disposeShards()
    throw error
  }
}

function ruledVersions({ ruleSet }: Graph): readonly string[] {
  return Object.values(ruleSet.objectives).map((objective) => objective.default)
}

async function openDoor(
  config: Config,
  port: number,
  parts: {
    readonly gateway: PresageGateway
    readonly metricsText: () => Promise<string>
    readonly readiness: ReturnType<typeof createReadiness>
  },
): Promise<HttpServer> {
  const { host, timeout, grace, introspection } = config.server
  try {
    return await startHttpServer({
      ...parts,
      host,
      port,
      context: new Map(Object.entries(config.context)),
      defaultTimeoutMs: timeout,
      closeGraceMs: grace,
      maxBodyBytes: config.limits.bodyBytes,
      clock: systemClock,
      introspection,
    })
  } catch (error) {
    throw listenProblem(error, host, port)
  }
}
