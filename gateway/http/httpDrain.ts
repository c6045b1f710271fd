import type { Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { LinkedList } from '../../lib/scheduling/linkedList'
import { nextTurn, rest } from '../../lib/scheduling/turns'

/** Tracks the requests in flight on an HTTP server, and closes the server without dropping an accepted request. */
export class HttpDrain {
  private readonly inFlight = new LinkedList<ServerResponse>()
  private whenIdle: (() => void) | undefined
  isDraining = false
  private hasStoppedListening = false

  get hasOne(): boolean {
    return this.inFlight.size === 1
  }

  /** Call for every request as it arrives. */
  enter(response: ServerResponse): void {
    if (this.hasStoppedListening) response.setHeader('connection', 'close')
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
    this.hasStoppedListening = true
    const closed = new Promise<void>((resolve) => {
      // http.Server.close() would cut idle connections at once, and with them requests that are on the wire.
      NetServer.prototype.close.call(server, () => resolve())
    })
    for (const response of this.inFlight.toArray()) {
      if (!response.headersSent) response.setHeader('connection', 'close')
    }
    // A request that was on its way when the last response left arrives within the linger.
    do {
      await this.idle()
      await rest(lingerMs)
      // After a long turn, the timer fires before the loop has read what arrived meanwhile.
      await nextTurn()
      await nextTurn()
    } while (this.inFlight.size > 0)
    // The server does not count a connection that never sent anything as idle.
    server.closeAllConnections()
    await closed
    clearTimeout(cut)
  }

  private idle(): Promise<void> {
    if (this.inFlight.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.whenIdle = resolve
    })
  }
}

const lingerMs = 50
/** A constant stream of new clients must not keep the server from closing. */
const maxBacklogMs = 500

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
  const end = performance.now() + Math.min(graceMs, maxBacklogMs)
  // The rest of this turn may not have accepted any.
  await nextTurn()
  for (let before = -1; accepted !== before && performance.now() < end; ) {
    before = accepted
    await nextTurn()
  }
  server.off('connection', count)
}
