import { hostname } from 'node:os'
import { createEnvelopeHeaders, type NamedRuleSet } from '../gateway/envelopeHeaders'
import { createHttpExecutor } from '../gateway/httpExecutor'
import { openSupergraphFile } from '../gateway/supergraphFile'
import type { SwappingGateway } from '../gateway/swappingGateway'
import { shortPath } from '../lib/compiled'
import type { Metrics } from '../lib/metrics'
import { createPrometheusMetrics } from '../telemetry/prometheus'
import type { Address } from './address'
import { adminReport } from './adminAddress'
import type { Config } from './config'
import { isOpen } from './createTrust'
import { callSettings } from './gatewayConfig'
import { gatewayLimits } from './limitsConfig'
import { openDoor } from './openDoor'
import { type FollowedRules, followRules } from './rules/followedRules'
import { stopOnSignal } from './stopOnSignal'
import { envelopeKeys } from './trustConfig'
import { edgeReport } from './trustReport'

export interface GatewayCommand extends Address {
  /** The supergraph's file; else the configuration's. */
  readonly supergraph?: string
}

/** Serves a supergraph over subgraphs that answer over HTTP, until SIGTERM or SIGINT; then finishes what is in flight. */
export async function gateway(config: Config, command: GatewayCommand): Promise<void> {
  const metrics = createPrometheusMetrics()
  let rules: FollowedRules | undefined
  const graph = openGateway(config, command, metrics, () => rules?.current())
  rules = await followedRules(config, command)
  const http = await openDoor(config, command, {
    gateway: graph,
    takesDocuments: true,
    defaultTimeoutMs: config.gateway.timeout,
    metrics,
    metricsText: metrics.text,
    // It listens only once it has a supergraph, and keeps the last good one.
    readiness: () => ({ ready: true, reasons: [] }),
  }).catch(async (error: unknown) => {
    await rules?.dispose()
    throw error
  })
  stopOnSignal(config.server.grace, () => http.close().finally(() => rules?.dispose()))
  const host = command.host ?? config.server.host
  for (const line of [...edgeReport(config, host), ...adminReport(http.adminUrl, host)]) console.error(line)
  console.error(`Presage serves ${http.url}/graphql`)
}

/** Only an envelope can name a version, and without a key there is none. */
async function followedRules(config: Config, { port }: GatewayCommand): Promise<FollowedRules | undefined> {
  if (envelopeKeys(config.trust).length === 0) return undefined
  return followRules(config.ruleStore, port ?? config.server.port, (line) => console.error(line))
}

function openGateway(
  config: Config,
  command: GatewayCommand,
  metrics: Metrics,
  ruleSetOf: () => NamedRuleSet | undefined,
): SwappingGateway {
  const { limits, trust } = config
  const file = command.supergraph ?? config.graph.supergraph
  const headers = createEnvelopeHeaders({
    key: envelopeKeys(trust)[0],
    origin: `gateway at ${hostname()}`,
    isOpen: isOpen(trust, command.host ?? config.server.host),
    ruleSetOf,
  })
  const graph = openSupergraphFile({
    file,
    limits: gatewayLimits(limits),
    newOperationsPerSecond: limits.newOperations,
    metrics,
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
        headers,
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
