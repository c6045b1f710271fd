import { startHttpServer } from '../gateway/httpServer'
import { defaultLimits } from '../gateway/limits'
import { createLocalExecutor } from '../gateway/localExecutor'
import { createGateway } from '../gateway/presageGateway'
import { systemClock } from '../lib/clock'
import { LoadError } from '../lib/errors'
import type { Metrics } from '../lib/metrics'
import { compileRouter } from '../routing/compileRouter'
import { shardsOf } from '../routing/ruleSet'
import { withPredictDirective } from '../schema/predictDirective'
import { loadSubgraphSources } from '../schema/subgraphSources'
import { loadVersions } from '../serving/loadVersions'
import { ModelRegistry } from '../serving/modelRegistry'
import { createReadiness } from '../serving/readiness'
import { createServing, type Serving } from '../serving/serving'
import type { SubgraphContext } from '../serving/subgraphContext'
import { buildPredictionSubgraph, type SubgraphResolvers } from '../serving/subgraphSchema'
import type { PlatformServices } from '../subgraphs/platform/resolvers'
import { createPrometheusMetrics } from '../telemetry/prometheus'
import { createShard, type Shard } from '../workers/shard'
import type { Config } from './config'
import { type Graph, loadGraph } from './graph'
import { loadResolvers } from './subgraphResolvers'

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
}

/**
 * Starts everything that a configuration describes. The door opens before the models are loaded: until then
 * `/health/ready` says what is missing, and predictions answer `MODEL_NOT_READY`. Throws a LoadError if the schema, the
 * objectives or the rules are wrong.
 */
export async function startDeployment(config: Config, options: StartOptions = {}): Promise<Deployment> {
  const log = options.log ?? (() => {})
  const metrics = createPrometheusMetrics()
  let services: PlatformServices | undefined
  const resolvers = readResolvers(config, options, () => services!)
  const graph = loadGraph(config, (subgraph, type, field) => {
    return Object.hasOwn((resolvers.get(subgraph) as Record<string, object>)[type] ?? {}, field)
  })
  const { plan, ruleSet, repository } = graph
  for (const line of graph.report) log(line)

  const registry = new ModelRegistry()
  const shards = await startShards(config, metrics, log)
  const serving = createServing({
    objectives: repository.objectives,
    registry,
    shards,
    router: compileRouter(ruleSet),
    clock: systemClock,
    metrics,
    maxRows: config.limits.predictionRows,
  })
  const versions = new Map(repository.versions.map((version) => [version.key, version]))
  services = { serving, plan, ruleSet, versions, tryModelAllowed: config.tryModel }

  const gateway = createGateway({
    supergraphSdl: graph.supergraphSdl,
    executors: new Map(
      graph.sources.map((source) => [source.name, localExecutor(source.name, graph, resolvers, serving)]),
    ),
    limits: {
      ...defaultLimits,
      predictionAliases: config.limits.predictionAliases,
      listLength: config.limits.listArguments,
    },
  })
  const loaded = loadVersions(repository.versions, (key) => shardsOf(ruleSet, key), serving, log)
  const ruled = Object.values(ruleSet.objectives).map((objective) => objective.default)
  const disposeShards = async () => {
    await Promise.all([...shards.values()].map((shard) => shard.dispose()))
  }
  const { host } = config.server
  const port = options.port ?? config.server.port
  const server = await startHttpServer({
    gateway,
    host,
    port,
    context: new Map(Object.entries(config.context)),
    defaultTimeoutMs: config.server.timeout,
    closeGraceMs: config.server.grace,
    maxBodyBytes: config.limits.bodyBytes,
    clock: systemClock,
    metricsText: metrics.text,
    readiness: createReadiness(registry, ruled, plan),
    introspection: config.server.introspection,
  }).catch(async (error: NodeJS.ErrnoException) => {
    await loaded
    await disposeShards()
    throw error.syscall === 'listen'
      ? new LoadError([`server: must be an address to listen on, got ${host}:${port} (${error.code})`])
      : error
  })
  return {
    url: `${server.url}/graphql`,
    port: server.port,
    graph,
    serving,
    loaded,
    async close() {
      await server.close()
      await disposeShards()
    },
  }
}

function readResolvers(
  config: Config,
  options: StartOptions,
  services: () => PlatformServices,
): ReadonlyMap<string, SubgraphResolvers> {
  const entries = loadSubgraphSources(config.graph.subgraphs).map((source) => {
    const own = loadResolvers(source, config.subgraphs[source.name] ?? {}, services) as Record<string, object>
    const over = options.resolvers?.[source.name] ?? {}
    const merged = { ...own }
    for (const [type, fields] of Object.entries(over)) merged[type] = { ...own[type], ...fields }
    return [source.name, merged] as const
  })
  return new Map(entries)
}

async function startShards(
  config: Config,
  metrics: Metrics,
  log: (line: string) => void,
): Promise<Map<string, Shard>> {
  const started = Object.entries(config.shards).map(async ([name, shard]) => {
    const { kind, workers, maxQueueRows, stallAfter } = shard
    return [
      name,
      await createShard({
        name,
        kind,
        workers,
        maxQueueRows,
        stallAfterMs: stallAfter,
        clock: systemClock,
        metrics,
        log,
      }),
    ] as const
  })
  return new Map(await Promise.all(started))
}

function localExecutor(
  name: string,
  graph: Graph,
  resolvers: ReadonlyMap<string, SubgraphResolvers>,
  serving: Serving,
) {
  const source = graph.sources.find((one) => one.name === name)!
  const fields = graph.plan.fields.filter((field) => field.subgraph === name)
  const { document } = withPredictDirective(source)
  const schema = buildPredictionSubgraph(document, resolvers.get(name) ?? {}, fields, serving)
  return createLocalExecutor(name, schema, (request): SubgraphContext => ({ request }))
}
