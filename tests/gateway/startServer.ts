import type { GraphQLSchema } from 'graphql'
import type { OperationGateway } from '../../gateway/operations/operationGateway'
import { type HttpServer, type HttpSettings, startHttpServer } from '../../gateway/server/httpServer'
import { createSchemaGateway } from '../../gateway/supergraph/schemaGateway'

/** A graph, or one subgraph by itself. */
export type ServedGraph = { readonly gateway: OperationGateway } | { readonly schema: GraphQLSchema }

/** Serves a graph on a free port, always ready, with whatever else the test is about. */
export function startServer(options: ServedGraph & Partial<HttpSettings>): Promise<HttpServer> {
  return startHttpServer({
    gateway: 'gateway' in options ? options.gateway : createSchemaGateway(options.schema),
    host: '127.0.0.1',
    port: 0,
    context: new Map(),
    defaultTimeoutMs: 5000,
    maxBodyBytes: 100_000,
    metricsText: async () => '',
    readiness: () => ({ ready: true, reasons: [] }),
    introspection: true,
    ...options,
  })
}
