import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { ServerOptions as HttpsOptions, Server as HttpsServer } from 'node:https'
import { Server as NetServer, type Socket } from 'node:net'
import { LinkedList } from '../../lib/linkedList'
import { nextTurn, rest } from '../../lib/scheduling/turns'
import type { ServerTls } from '../../lib/tls/serverTls'

/**
 * An HTTP server whose clients have `sendTimeoutMs` to send a request. After that it closes the connection with status
 * 408. Every response emits 'close', at the latest when its connection closes. The listener is told how many requests of
 * the connection wait for the answers to those before them, and finds a path in `url`, also if the client sent a whole
 * URL. With `tls` it speaks HTTPS alone.
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
    if (message.url?.charCodeAt(0) !== slash) toOriginForm(message)
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

const slash = 47

/**
 * A target may also be a whole URL, as clients send it to a proxy (RFC 9112, 3.2.2). Then its path is the target, and its
 * host stands for the header.
 */
function toOriginForm(message: IncomingMessage): void {
  const [, host, rest] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(message.url ?? '') ?? []
  if (host === undefined) return
  message.headers.host = host
  message.url = rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * Closes responses that never got their turn. With pipelining, a client sends several requests on one connection, and
 * Node assigns the connection to their responses one by one. When the connection closes, Node tells only the response
 * that has it; code that waits for the others to close would wait forever.
 */
class QueuedResponses {
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

/** Tracks the requests in flight on an HTTP server, and closes the server without dropping an accepted request. */
export class HttpDrain {
  private readonly inFlight = new LinkedList<ServerResponse>()
  private readonly connections = new Set<Socket>()
  private whenIdle: (() => void) | undefined
  isDraining = false
  /** The last response of each connection, once the server has stopped listening. */
  private last: WeakMap<Socket, ServerResponse> | undefined

  /** Whether exactly one request is in flight. */
  get hasOne(): boolean {
    return this.inFlight.size === 1
  }

  /** Call for every connection; of TLS, once it is secure. */
  follow(socket: Socket): void {
    this.connections.add(socket)
    socket.once('close', () => this.connections.delete(socket))
  }

  /** Call for every request as it arrives. */
  enter(response: ServerResponse): void {
    this.closeAfter(response)
    const place = this.inFlight.add(response)
    // `on` is cheaper than `once`, and a response closes only once.
    response.on('close', () => {
      this.inFlight.remove(place)
      if (this.inFlight.size === 0) this.whenIdle?.()
    })
  }

  /** Settles when the requests that are in flight now have ended. */
  async ended(): Promise<void> {
    const ends = this.inFlight
      .toArray()
      .map((response) => new Promise<void>((resolve) => response.once('close', resolve)))
    await Promise.all(ends)
  }

  /**
   * Accepts the connections in the backlog, then stops listening. Lets requests in flight finish and tells their
   * clients to close their connections, then closes the connections that nobody uses. After `graceMs` the rest is cut.
   */
  async close(server: Server, graceMs: number): Promise<void> {
    if (this.isDraining) return
    this.isDraining = true
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await takeBacklog(server, graceMs)
    // Not earlier: a client that is told to close would come back on a new connection, into the backlog.
    this.last = new WeakMap()
    const closed = new Promise<void>((resolve) => {
      // http.Server.close() would cut idle connections at once, and with them requests that are on the wire.
      NetServer.prototype.close.call(server, () => resolve())
    })
    for (const response of this.inFlight.toArray()) this.closeAfter(response)
    // A request that was on its way when the last response left arrives within the linger.
    await this.linger()
    // Clients do not send again what a new connection did not take. Since Node 26 these count as idle, too.
    let lingers = 0
    while (lingers++ < newLingers && [...this.connections].some((socket) => socket.bytesRead === 0))
      await this.linger()
    server.closeIdleConnections()
    // That leaves those which are sending a request.
    while (lingers++ < newLingers && this.connections.size > 0) await this.linger()
    server.closeAllConnections()
    await closed
    clearTimeout(cut)
  }

  /**
   * Once the server has stopped listening, lets the connection close after this response, and no longer after the one
   * before: Node would drop what is queued behind that.
   */
  private closeAfter(response: ServerResponse): void {
    if (this.last === undefined) return
    const { socket }: { readonly socket?: Socket } = response.req
    // A call that came with others has no connection of its own.
    if (socket === undefined) return
    const before = this.last.get(socket)
    if (before?.headersSent === false) before.removeHeader('connection')
    this.last.set(socket, response)
    if (!response.headersSent) response.setHeader('connection', 'close')
  }

  /** Settles when there was no request for a while. */
  private async linger(): Promise<void> {
    do {
      await this.idle()
      await rest(lingerMs)
      // After a long turn, the timer fires before the loop has read what arrived meanwhile.
      await nextTurn()
      await nextTurn()
    } while (this.inFlight.size > 0)
  }

  private idle(): Promise<void> {
    if (this.inFlight.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.whenIdle = resolve
    })
  }
}

const lingerMs = 50
/** How many times as long for new connections. Not one long time, which would be over if the machine stood still. */
const newLingers = 9
/** As many as a backlog holds by default: a constant stream of new clients must not keep the server from closing. */
const maxBacklog = 511

/**
 * The operating system resets unaccepted connections when listening ends, and their clients may already have sent a
 * request. The loop accepts one connection per turn, so a turn without one means that the backlog is empty.
 */
async function takeBacklog(server: Server, graceMs: number): Promise<void> {
  let accepted = 0
  const count = () => {
    accepted++
  }
  server.on('connection', count)
  const end = performance.now() + graceMs
  // The rest of this turn may not have accepted any.
  await nextTurn()
  for (let before = -1; accepted !== before && accepted < maxBacklog && performance.now() < end; ) {
    before = accepted
    await nextTurn()
  }
  server.off('connection', count)
}
