import { LinkedList } from '../../lib/scheduling/linkedList'

/** What is needed of a socket. */
export interface Connection {
  pause(): unknown
  resume(): unknown
}

/**
 * Connections from which nothing is read for a while, since their client has enough requests in flight. A request in
 * the kernel's buffer costs the process neither time nor memory. A client's connections take turns.
 */
export class UnreadConnections {
  private readonly clients = new Map<string, LinkedList<Unread>>()
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly now: () => number) {}

  /**
   * Call when an answer has left on a connection of which this client is the only user, and `inFlight` of its requests
   * remain. `isLimited` says whether the client is to be slowed down.
   */
  answered(connection: Connection, client: string, inFlight: number, isLimited: boolean): void {
    const unread = this.clients.get(client)
    if (!isLimited) {
      if (unread !== undefined) this.resumeUntil(Number.POSITIVE_INFINITY, client, unread)
      return
    }
    if (inFlight < enoughInFlight) {
      if (unread === undefined) return
      unread.takeFirst()?.connection.resume()
    }
    this.pause(connection, client, unread)
  }

  /** Reads from all connections again. */
  resumeAll(): void {
    for (const [client, unread] of this.clients) this.resumeUntil(Number.POSITIVE_INFINITY, client, unread)
  }

  private pause(connection: Connection, client: string, unread = new LinkedList<Unread>()): void {
    connection.pause()
    unread.add({ connection, since: this.now() })
    this.clients.set(client, unread)
    this.timer ??= setInterval(this.resumeOld, lookEveryMs).unref()
  }

  private readonly resumeOld = (): void => {
    const until = this.now() - longestMs
    for (const [client, unread] of this.clients) this.resumeUntil(until, client, unread)
    if (this.clients.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  /** Reads again from connections that have been unread since `until` at the latest. */
  private resumeUntil(until: number, client: string, unread: LinkedList<Unread>): void {
    while (unread.first !== undefined && unread.first.since <= until) unread.takeFirst()?.connection.resume()
    if (unread.size === 0) this.clients.delete(client)
  }
}

interface Unread {
  readonly connection: Connection
  readonly since: number
}

/** Enough to have the next request at hand for each that ends. */
const enoughInFlight = 16
/** Whether a client has left, or has sent anything, shows only when its connection is read. */
const longestMs = 1_000
const lookEveryMs = 250
