import { createServer, type RequestListener, type Server } from 'node:http'

/** An HTTP server whose clients have `sendTimeoutMs` to send a request. Their connections are closed then, with status 408. */
export function createTimedServer(sendTimeoutMs: number, listener: RequestListener): Server {
  // A slow sender is found when the server looks for one: with the default of 30 s that could be late.
  const server = createServer({ connectionsCheckingInterval: sendTimeoutMs / 10 }, listener)
  server.requestTimeout = sendTimeoutMs
  // Not longer: Node would take the two for each other, and give the longer time to whole requests.
  server.headersTimeout = sendTimeoutMs
  // Above the idle time of the usual load balancers (60 s), so that they end connections and not we under their feet.
  server.keepAliveTimeout = 65_000
  return server
}
