import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { ServerOptions as HttpsOptions, Server as HttpsServer } from 'node:https'
import type { ServerTls } from '../../lib/tls/serverTls'
import { QueuedResponses } from './queuedResponses'

/**
 * An HTTP server whose clients have `sendTimeoutMs` to send a request. After that it closes the connection with status
 * 408. Every response emits 'close', at the latest when its connection closes. The listener is told how many requests of
 * the connection wait for the answers to those before them. With `tls` it speaks HTTPS alone.
 */
export function createTimedServer(
  sendTimeoutMs: number,
  listener: (message: IncomingMessage, response: ServerResponse, queued: number) => void,
  tls?: ServerTls,
): Server {
  // Node looks for slow senders at this interval. Its default of 30 s could find them late.
  const queued = new QueuedResponses()
  const options: ServerOptions = { connectionsCheckingInterval: sendTimeoutMs / 10 }
  const listen: RequestListener = (message, response) => {
    listener(message, response, queued.watch(response))
  }
  const server = tls
    ? tls.follow(secureServer({ ...options, ...tls.options }, listen))
    : createServer(options, listen)
  server.requestTimeout = sendTimeoutMs
  // Not longer: Node would swap the two and give whole requests the longer time.
  server.headersTimeout = sendTimeoutMs
  // Longer than the idle timeout of common load balancers (60 s), so that they close connections first.
  server.keepAliveTimeout = 65_000
  return server
}

/** Loads what few processes need. */
function secureServer(options: HttpsOptions, listener: RequestListener): HttpsServer {
  const { createServer }: typeof import('node:https') = require('node:https')
  return createServer(options, listener)
}
