import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { ServerOptions as HttpsOptions, Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { ServerTls } from '../../lib/tls/serverTls'

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

function secureServer(options: HttpsOptions, listener: RequestListener): HttpsServer {
  const { createServer }: typeof import('node:https') = require('node:https')
  return createServer(options, listener)
}

/**
 * Closes responses that never got their turn. With pipelining, a client sends several requests on one connection, and
 * Node assigns the connection to their responses one by one. When the connection closes, Node tells only the response
 * that has it; code that waits for the others to close would wait forever.
 */
export class QueuedResponses {
  private readonly waiting = new WeakMap<Socket, Set<ServerResponse>>()

  /** Call before all else is done with a response. Returns how many of its connection have no turn yet. */
  watch(response: ServerResponse): number {
    if (response.socket !== null) return 0
    const { socket } = response.req
    const queue = this.waiting.get(socket) ?? this.queueOf(socket)
    queue.add(response)
    response.once('socket', () => queue.delete(response))
    return queue.size
  }

  private queueOf(socket: Socket): Set<ServerResponse> {
    const queue = new Set<ServerResponse>()
    this.waiting.set(socket, queue)
    socket.once('close', () => {
      for (const response of queue) {
        response.destroy()
        response.emit('close')
      }
    })
    return queue
  }
}
