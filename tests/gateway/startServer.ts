import {
  type HttpDoorOptions,
  type HttpServer,
  type ServedGraph,
  startHttpServer,
} from '../../gateway/httpServer'

/** Serves a graph on a free port, always ready, with whatever else the test is about. */
export function startServer(options: ServedGraph & Partial<HttpDoorOptions>): Promise<HttpServer> {
  return startHttpServer({
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
