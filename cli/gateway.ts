import { createHttpExecutor } from '../gateway/httpExecutor'
import { startHttpServer } from '../gateway/httpServer'
import { defaultLimits } from '../gateway/limits'
import { openSupergraphFile } from '../gateway/supergraphFile'
import type { SwappingGateway } from '../gateway/swappingGateway'
import { shortPath } from '../lib/compiled'
import { createPrometheusMetrics } from '../telemetry/prometheus'
import type { Config } from './config'
import { callSettings } from './gatewayConfig'
import { listenProblem } from './listenProblem'
import { stopOnSignal } from './stopOnSignal'

export interface GatewayCommand {
  /** The supergraph's file; else the configuration's. */
  readonly supergraph?: string
  readonly host?: string
  readonly port?: number
}

/** Serves a supergraph over subgraphs that answer over HTTP, until SIGTERM or SIGINT; then finishes what is in flight. */
export async function gateway(config: Config, command: GatewayCommand): Promise<void> {
  const { server, limits } = config
  const host = command.host ?? server.host
  const port = command.port ?? server.port
  const graph = openGateway(config, command.supergraph ?? config.graph.supergraph)
  const metrics = createPrometheusMetrics()
  const http = await startHttpServer({
    gateway: graph,
    host,
    port,
    context: new Map(Object.entries(config.context)),
    defaultTimeoutMs: config.gateway.timeout,
    closeGraceMs: server.grace,
    maxBodyBytes: limits.bodyBytes,
    metricsText: metrics.text,
    // It listens only once it has a supergraph, and keeps the last good one.
    readiness: () => ({ ready: true, reasons: [] }),
    introspection: server.introspection,
  }).catch((error) => {
    throw listenProblem(error, host, port)
  })
  stopOnSignal(() => http.close())
  console.error(`Presage serves ${http.url}/graphql`)
}

function openGateway(config: Config, file: string): SwappingGateway {
  const { limits } = config
  const graph = openSupergraphFile({
    file,
    limits: {
      ...defaultLimits,
      predictionAliases: limits.predictionAliases,
      listLength: limits.listArguments,
    },
    pollMs: config.gateway.poll,
    log: (line) => console.error(line),
    executorFor(name, url) {
      const settings = callSettings(config.gateway, name)
      return createHttpExecutor({
        name,
        url: settings.url ?? url,
        timeoutMs: settings.timeout,
        retries: settings.retries,
        connections: settings.connections,
        maxAnswerBytes: settings.answerBytes,
        forwardHeaders: settings.forwardHeaders,
      })
    },
  })
  for (const name of Object.keys(config.gateway.subgraphs)) {
    if (graph.subgraphs.includes(name)) continue
    console.error(
      `${shortPath(config.file)}: gateway.subgraphs.${name}: must be a subgraph of the supergraph (${graph.subgraphs.join(', ')})`,
    )
  }
  return graph
}
