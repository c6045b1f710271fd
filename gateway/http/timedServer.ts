import { createServer, type RequestListener, type Server } from 'node:http'
import { QueuedResponses } from './queuedResponses'

/** An HTTP server whose clients have `sendTimeoutMs` to send a request. Their connections are closed then, with status 408. Every response closes, if only with its connection. */
export function createTimedServer(sendTimeoutMs: number, listener: RequestListener): Server {
  // A slow sender is found when the server looks for one: with the default of 30 s that could be late.
  const queued = new QueuedResponses()
  const server = createServer({ connectionsCheckingInterval: sendTimeoutMs / 10 }, (message, response) => {
    queued.watch(response)
    listener(message, response)
  })
  server.requestTimeout = sendTimeoutMs
  // Not longer: Node would take the two for each other, and give the longer time to whole requests.
  server.headersTimeout = sendTimeoutMs
  // Above the idle time of the usual load balancers (60 s), so that they end connections and not we under their feet.
  server.keepAliveTimeout = 65_000
  return server
}
