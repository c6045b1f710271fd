import { createServer, type RequestListener, type Server } from 'node:http'
import { QueuedResponses } from './queuedResponses'

/**
 * An HTTP server whose clients have `sendTimeoutMs` to send a request. After that it closes the connection with status
 * 408. Every response emits 'close', at the latest when its connection closes.
 */
export function createTimedServer(sendTimeoutMs: number, listener: RequestListener): Server {
  // Node looks for slow senders at this interval. Its default of 30 s could find them late.
  const queued = new QueuedResponses()
  const server = createServer({ connectionsCheckingInterval: sendTimeoutMs / 10 }, (message, response) => {
    queued.watch(response)
    listener(message, response)
  })
  server.requestTimeout = sendTimeoutMs
  // Not longer: Node would swap the two and give whole requests the longer time.
  server.headersTimeout = sendTimeoutMs
  // Longer than the idle timeout of common load balancers (60 s), so that they close connections first.
  server.keepAliveTimeout = 65_000
  return server
}
