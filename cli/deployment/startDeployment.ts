import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import { createPrometheusMetrics, type PrometheusMetrics } from '../../telemetry/prometheus'
import type { StartWorker } from '../../workers/pool/startWorker'
import type { Address } from '../config/address'
import type { Config } from '../config/config'
import { loadDeploymentSources } from '../graph/deploymentSources'
import { type Graph, loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { nodePlace } from '../rules/openStore'
import { orWithRulesInEffect } from '../rules/rulesInEffect'
import type { RunningRules } from '../rules/runningRules'
import { createDeploymentGateway } from './createDeploymentGateway'
import { type Served, serveRuntime } from './serveRuntime'
import { startRuntime } from './startRuntime'

/** A running deployment: gateway, subgraphs and workers in this process. */
export interface Deployment extends Served {
  readonly graph: Graph
  readonly rules: RunningRules
}

export interface StartOptions extends Omit<Address, 'host'> {
  readonly log?: (line: string) => void
  /** Where the process measures; default: metrics of the deployment's own. */
  readonly metrics?: PrometheusMetrics
  /** Resolvers that override a subgraph's own; tests use them to make an upstream fail. */
  readonly resolvers?: Readonly<Record<string, SubgraphResolvers>>
  /** How to start a worker, on every shard; tests use it for workers that die on command. */
  readonly startWorker?: StartWorker
  /** The length of the console's steps; tests do not wait for ten seconds. */
  readonly consoleStepMs?: number
}

/**
 * Starts everything that a configuration describes. The HTTP server opens before the models are loaded. Rejects, with
 * nothing left running, with a LoadError if the schema, the objectives or the rules are wrong, or the address is not
 * available.
 */
export async function startDeployment(config: Config, options: StartOptions = {}): Promise<Deployment> {
  const { metrics = createPrometheusMetrics(), log = () => {} } = options
  const place = nodePlace(config.ruleStore, 'start', options.port ?? config.server.port)
  const runtime = await startRuntime(config, {
    async read(services) {
      const sources = loadDeploymentSources(config)
      const resolvers = await createAllResolvers(config, services, options.resolvers, sources)
      const graph = await orWithRulesInEffect(config, place, log, (stored) =>
        loadGraph(config, resolvers, sources, stored),
      )
      return { graph, resolvers }
    },
    metrics,
    place,
    log,
    startWorker: options.startWorker,
  })
  const { graph, resolvers, serving, rules } = runtime
  const served = await serveRuntime(config, options, runtime, () => ({
    gateway: createDeploymentGateway(config, graph, resolvers, serving, metrics),
    metrics,
    consoleStepMs: options.consoleStepMs,
  }))
  return { ...served, graph, rules }
}
