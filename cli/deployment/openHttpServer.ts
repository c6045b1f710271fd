import { type TrustedDocuments, unfitDocuments } from '../../gateway/apollo/trustedDocuments'
import type { Trust } from '../../gateway/identity/requestReader'
import {
  type HttpServer,
  type HttpServerOptions,
  type HttpSettings,
  startHttpServer,
} from '../../gateway/server/httpServer'
import { systemClock } from '../../lib/clock'
import { fairShares } from '../../lib/request/caller'
import type { PrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { loadTrustedDocuments } from '../config/documentsConfig'
import { createLog } from '../config/logConfig'
import { shareMetrics } from '../processes/siblings'
import { type ConsoleParts, openConsole } from './consoleViews'
import { createTrust, requireKeys } from './createTrust'
import { listenProblem, requireDistinctPorts } from './listenProblem'

export type ServerParts = Pick<HttpServerOptions, 'gateway' | 'actions' | 'adminActions' | 'readiness'> & {
  readonly metrics: PrometheusMetrics
} & Omit<ConsoleParts, 'metrics'> &
  Partial<Pick<HttpSettings, 'defaultTimeoutMs' | 'maxBodyBytes' | 'isBehindGateways'>>

/** What the HTTP server takes from files that the configuration names. */
export interface ServerFiles {
  readonly trust: Trust
  readonly trustedDocuments: TrustedDocuments | undefined
}

/** Throws a LoadError if a file cannot be read or is wrong. */
export function readServerFiles(config: Config, host: string, isBehindGateways = false): ServerFiles {
  const { trustedDocuments, file } = config
  const log = createLog(config.log)
  return {
    trust: createTrust(config, host, (line) => log.write('warn', line)),
    trustedDocuments:
      // Nobody registers the operations of gateways.
      trustedDocuments && !isBehindGateways ? loadTrustedDocuments(trustedDocuments, file) : undefined,
  }
}

/** Throws a LoadError if the address is not available, or a file that was not read before is wrong. */
export async function openHttpServer(
  config: Config,
  address: Address,
  parts: ServerParts,
  files?: ServerFiles,
): Promise<HttpServer> {
  const { server, limits, context } = config
  const host = address.host ?? server.host
  const port = address.port ?? server.port
  const admin = adminAddress(config, address)
  requireDistinctPorts(
    [
      {
        listener: 'graph',
        host,
        port,
        isOption: address.port !== undefined,
        variable: address.portVariable,
      },
      ...(admin ? [{ listener: 'admin', ...admin, isOption: address.adminPort !== undefined } as const] : []),
    ],
    config,
  )
  const { trust, trustedDocuments } = files ?? readServerFiles(config, host, parts.isBehindGateways)
  await requireKeys(config)
  fairShares.share(server.fairness)
  const log = createLog(config.log)
  if (server.fairness.by === 'tenant' && context.tenant === undefined) {
    log.write(
      'warn',
      'server.fairness.by: no context key tenant is declared, so each client is counted separately',
    )
  }
  if (trustedDocuments !== undefined) {
    for (const line of unfitDocuments(trustedDocuments.byId, parts.gateway)) log.write('warn', line)
  }
  const console = openConsole(config, parts)
  const metrics = shareMetrics(parts.metrics)
  try {
    const http = await startHttpServer({
      defaultTimeoutMs: server.timeout,
      maxBodyBytes: limits.bodyBytes,
      ...parts,
      metricsText: metrics.text,
      views: console.views,
      host,
      port,
      admin,
      context: new Map(Object.entries(context)),
      trust,
      explain: config.explain,
      bypassCache: config.cache.bypass,
      trustedDocuments,
      requestsPerSecond: limits.requestsPerSecond,
      closeGraceMs: server.grace,
      clock: systemClock,
      introspection: server.introspection,
      log,
      ide: server.ide,
      console: config.console !== false,
      maxTokens: limits.tokens,
      maxOperations: limits.operations,
      corsOrigins: server.cors.origins,
    })
    const stop = () => {
      console.stop()
      return metrics.stop()
    }
    return { ...http, close: () => http.close().finally(stop) }
  } catch (error) {
    console.stop()
    throw listenProblem(error, config)
  }
}
