import type { Agent } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Watches the connections of an agent for a server that ends one which it was just using. A server that merely has had no
 * request for long, or that says `connection: close`, does not count.
 */
export class HttpConnections {
  private readonly known = new WeakSet<Socket>()
  /** When each became free, in milliseconds; those in use are not here. */
  private readonly freeSince = new WeakMap<Socket, number>()
  private ended: ((reason: string) => void) | undefined

  constructor(agent: Agent) {
    agent.on('free', (socket: Socket) => {
      // The agent has just ended one that it does not keep.
      if (!socket.destroyed) this.freeSince.set(socket, Date.now())
    })
  }

  /** As `InferenceClient.watch`. */
  watch(ended: (reason: string) => void): void {
    this.ended = ended
  }

  /** Call when a request is given a connection. */
  readonly used = (socket: Socket): void => {
    this.freeSince.delete(socket)
    if (this.known.has(socket)) return
    this.known.add(socket)
    // The agent ends one that has been free for so long as the server keeps it, by its header `keep-alive`.
    socket.on('timeout', () => this.freeSince.delete(socket))
    // Not `end`: newer versions of Node close a free connection without it.
    socket.once('close', () => {
      const since = this.freeSince.get(socket)
      // A connection in use tells its own request.
      if (since === undefined || Date.now() - since > freshMs) return
      this.ended?.('its connection ended')
      this.ended = undefined
    })
  }

  close(): void {
    this.ended = undefined
  }
}

/** Longer than a server that is up is left without a request; see `Endpoint`. */
const freshMs = 1_500
