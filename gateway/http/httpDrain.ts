import type { Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { LinkedList, type ListNode } from '../../lib/scheduling/linkedList'

/** Counts what is in flight on an HTTP server, and ends the server without leaving an accepted request unanswered. */
export class HttpDrain {
  private readonly inFlight = new LinkedList<ServerResponse>()
  private whenIdle: (() => void) | undefined
  isDraining = false
  private hasStoppedListening = false

  constructor(private readonly server: Server) {}

  /** Whether one request alone is in flight. */
  get hasOne(): boolean {
    return this.inFlight.size === 1
  }

  /** To be called for every request as it arrives, and `leave` when its response has closed. */
  enter(response: ServerResponse): ListNode<ServerResponse> {
    if (this.hasStoppedListening) response.setHeader('connection', 'close')
    return this.inFlight.add(response)
  }

  leave(place: ListNode<ServerResponse>): void {
    this.inFlight.remove(place)
    if (this.inFlight.size === 0) this.whenIdle?.()
  }

  /**
   * Takes the connections that wait to be accepted and stops listening; lets what is in flight finish and tells its
   * clients to close their connections; then ends the connections that nobody uses. After `graceMs` whatever is left is
   * cut.
   */
  async close(graceMs: number): Promise<void> {
    if (this.isDraining) return
    this.isDraining = true
    const cut = setTimeout(() => this.server.closeAllConnections(), graceMs)
    await this.takeBacklog(graceMs)
    // Not before: whoever is told so sooner comes back on a new connection, into the backlog.
    this.hasStoppedListening = true
    const closed = new Promise<void>((resolve) => {
      // http.Server.close() would cut idle connections at once, and with them requests that are on the wire.
      NetServer.prototype.close.call(this.server, () => resolve())
    })
    for (const response of this.inFlight.toArray()) {
      if (!response.headersSent) response.setHeader('connection', 'close')
    }
    // A request that was already on its way when the last answer left arrives within the linger.
    do {
      await this.idle()
      await pause(lingerMs)
      // After a long turn the timer comes before the loop has read what arrived meanwhile.
      await turn()
      await turn()
    } while (this.inFlight.size > 0)
    // Not only those that the server counts as idle: a connection that never sent anything is none of them.
    this.server.closeAllConnections()
    await closed
    clearTimeout(cut)
  }

  /**
   * The operating system resets the connections that nobody has accepted when listening ends, and their clients may have
   * sent a request already. The loop accepts one a turn; a turn without any says that no more wait.
   */
  private async takeBacklog(graceMs: number): Promise<void> {
    let accepted = 0
    const count = () => {
      accepted++
    }
    this.server.on('connection', count)
    const end = performance.now() + Math.min(graceMs, maxBacklogMs)
    // What is left of this turn need not have looked.
    await turn()
    for (let before = -1; accepted !== before && performance.now() < end; ) {
      before = accepted
      await turn()
    }
    this.server.off('connection', count)
  }

  private idle(): Promise<void> {
    if (this.inFlight.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.whenIdle = resolve
    })
  }
}

const lingerMs = 50
/** Clients that never stop coming must not keep the server from closing. */
const maxBacklogMs = 500

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
