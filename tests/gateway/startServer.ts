import type { GraphQLSchema } from 'graphql'
import type { Trust } from '../../gateway/identity/requestReader'
import { compileProxies, loopbackNetworks } from '../../gateway/identity/trustedProxies'
import type { OperationGateway } from '../../gateway/operations/operationGateway'
import { type HttpServer, type HttpSettings, startHttpServer } from '../../gateway/server/httpServer'
import { createSchemaGateway } from '../../gateway/supergraph/schemaGateway'
import { systemClock } from '../../lib/clock'
import { createTextLog } from '../../lib/log'
import { noMetrics } from '../../lib/metrics'

/** The only trusted proxies are those on this machine. */
export const loopbackTrust: Trust = Object.freeze({
  envelopeKeys: [],
  isTrustedProxy: compileProxies(loopbackNetworks),
  rolesClaim: 'roles',
  rolesOfAnybody: [],
})

/** A graph, or one subgraph by itself. */
export type ServedGraph = { readonly gateway: OperationGateway } | { readonly schema: GraphQLSchema }

/** Serves a graph on a free port, always ready, with whatever else the test is about. */
export function startServer(options: ServedGraph & Partial<HttpSettings>): Promise<HttpServer> {
  return startHttpServer({
    gateway: 'gateway' in options ? options.gateway : createSchemaGateway(options.schema),
    host: '127.0.0.1',
    port: 0,
    context: new Map(),
    trust: loopbackTrust,
    explain: false,
    bypassCache: false,
    // A machine that is busy with tests may stand still for seconds.
    defaultTimeoutMs: 60_000,
    maxBodyBytes: 100_000,
    maxTokens: 20_000,
    maxOperations: 1,
    corsOrigins: [],
    metrics: noMetrics,
    metricsText: async () => '',
    readiness: () => ({ ready: true, reasons: [] }),
    introspection: true,
    ide: false,
    console: false,
    clock: systemClock,
    log: createTextLog('warn', 'gateway', (text) => process.stderr.write(text)),
    closeGraceMs: 10_000,
    ...options,
  })
}
