import { existsSync } from 'node:fs'
import type { NamedRuleSet } from '../../gateway/remote/envelopeHeaders'
import { openSupergraphFile } from '../../gateway/supergraph/supergraphFile'
import type { SwappingGateway } from '../../gateway/supergraph/swappingGateway'
import { LoadError } from '../../lib/errors'
import type { Metrics } from '../../lib/metrics'
import { shortPath } from '../../lib/packagePaths'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import { adminReport, browserReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { gatewayLimits } from '../config/limitsConfig'
import { envelopeKeys } from '../config/trustConfig'
import { httpSubgraphs } from '../deployment/httpSubgraphs'
import { openHttpServer } from '../deployment/openHttpServer'
import { servedPlaces } from '../deployment/servedReport'
import { edgeReport, forwardingReport } from '../deployment/trustReport'
import { unknownSubgraphs } from '../graph/unknownSubgraphs'
import { stopOnSignal } from '../process/stopOnSignal'
import { outliveStrayRejections } from '../process/strayRejections'
import { member } from '../processes/member'
import { tellReady } from '../processes/siblings'
import { type FollowedRules, followRules } from '../rules/followedRules'
import { operatorLines } from '../terminal/operatorLines'

export interface GatewayCommand extends Address {
  /** Path of the supergraph; default: the configuration's. */
  readonly supergraph?: string
}

/** Serves a supergraph whose subgraphs answer over HTTP, until SIGTERM or SIGINT; then ends requests in flight. */
export async function gateway(config: Config, command: GatewayCommand): Promise<void> {
  const metrics = createPrometheusMetrics()
  outliveStrayRejections(metrics, config.log)
  const operator = operatorLines()
  let rules: FollowedRules | undefined
  const graph = openGateway(config, command, metrics, operator.line, () => rules?.current())
  rules = await followedRules(config, command, operator.line)
  const http = await openHttpServer(config, command, {
    gateway: graph,
    defaultTimeoutMs: config.gateway.timeout,
    metrics,
    predictsElsewhere: 'gateway',
    // It listens only once it has a supergraph, and from then on always has one.
    readiness: () => ({ ready: true, reasons: [] }),
  }).catch(async (error: unknown) => {
    await rules?.dispose()
    throw error
  })
  stopOnSignal(config.server.grace, () => http.close().finally(() => rules?.dispose()))
  const host = command.host ?? config.server.host
  if (operator.isTerminal) {
    return operator.ready({
      title: 'Presage gateway',
      places: servedPlaces(config, http.url, http.adminUrl),
      parts: [['Subgraphs', graph.subgraphs.join(', ')]],
      notes: [...edgeReport(config, host), ...forwardingReport(config)],
    })
  }
  const url = `${http.url}/graphql`
  // Of several processes, one says what concerns them all.
  if (member !== undefined && member.place > 1) return tellReady(url)
  const reports = [
    edgeReport(config, host),
    forwardingReport(config),
    adminReport(http.adminUrl, host),
    browserReport(config, http.url),
  ]
  for (const line of reports.flat()) operator.line(line)
  if (member === undefined) operator.line(`Presage serves ${url}`)
  tellReady(url)
}

/** Only an envelope can carry a rule set version, and envelopes need a key. */
async function followedRules(
  config: Config,
  { port }: GatewayCommand,
  log: (line: string) => void,
): Promise<FollowedRules | undefined> {
  if (envelopeKeys(config.trust).length === 0) return undefined
  return followRules(config.ruleStore, port ?? config.server.port, log)
}

function openGateway(
  config: Config,
  command: GatewayCommand,
  metrics: Metrics,
  log: (line: string) => void,
  ruleSetOf: () => NamedRuleSet | undefined,
): SwappingGateway {
  const { limits } = config
  const file = command.supergraph ?? config.graph.supergraph
  if (command.supergraph === undefined && !existsSync(file)) {
    throw new LoadError([
      `${shortPath(file)}: must be a composed supergraph, got no such file; name one with --supergraph, or run npx presage compose`,
    ])
  }
  const graph = openSupergraphFile({
    file,
    limits: gatewayLimits(limits),
    newOperationsPerSecond: limits.newOperations,
    metrics,
    pollMs: config.gateway.poll,
    log,
    executorFor: httpSubgraphs(config, command.host ?? config.server.host, ruleSetOf),
  })
  // A later supergraph may have it.
  for (const line of unknownSubgraphs(config, graph.subgraphs)) log(line)
  return graph
}
