import { LinkedList } from '../../lib/linkedList'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { LoopLoad } from '../../lib/scheduling/eventLoop'
import { SenderEntries } from '../../lib/scheduling/fairQueue'

export interface StartLimitOptions {
  /** How many shares a client gets; default 1. */
  readonly weightOf?: ((client: string) => number) | undefined
  /** How long nothing ran on the event loop so far, in milliseconds. */
  readonly loopIdleMs: () => number
  /** Whether the process is busy: its event loop, or its own workers. */
  readonly isBusy: (now: number) => boolean
}

/**
 * Limits how many requests of a client run at a time while the process is busy and the client has used more than its
 * share lately. Requests that run delay those of others: their rows come back together, and the garbage collector
 * copies what they hold. Requests that wait for their start delay nobody.
 */
export class StartLimit {
  private readonly recent: RecentClients
  private readonly running = new RequestCounts()
  private readonly loop: LoopLoad
  private readonly isBusy: (now: number) => boolean

  constructor({ weightOf, loopIdleMs, isBusy }: StartLimitOptions) {
    this.recent = new RecentClients(weightOf)
    this.loop = new LoopLoad(loopIdleMs)
    this.isBusy = isBusy
  }

  /** Whether one more request of the client may start. */
  mayStart(client: string, now: number): boolean {
    const running = this.running.countOf(client)
    if (running === 0) return true
    const mean = this.recent.meanOf(client)
    const isWithin = running < mostWhileLoopIsBusy && running * mean < mostCostWhileLoopIsBusy
    if (isWithin || !this.isBusy(now) || !this.recent.isOverShare(client, now)) return true
    if (this.loop.isBusy(now)) return false
    return running * (mean - 1) < mostCostWhileWorkersAreBusy
  }

  /** Whether the client is to have fewer requests read: the event loop is busy, and mostly with this client. */
  isLimited(client: string, now: number): boolean {
    return this.loop.isBusy(now) && this.recent.isOverShare(client, now)
  }

  /**
   * Whether the client has used more than its share and than all others together, while the event loop is at work half
   * of the time. Of many small clients none has.
   */
  isCrowding(client: string, now: number): boolean {
    return this.recent.isDominant(client, now) && this.loop.isBusy(now, 0.5)
  }

  /** How many requests of the client run. */
  runningOf(client: string): number {
    return this.running.countOf(client)
  }

  /** A request of the client has started. */
  start(client: string, now: number): void {
    this.loop.sample(now)
    this.running.add(client)
  }

  /** A request that had started has its answer, or its client has gone. For the cost, see `costOf`. */
  end(client: string, cost: number, now: number): void {
    this.running.remove(client)
    this.recent.add(client, cost, now)
  }
}

/** What a request has cost, in small requests. */
export function costOf({ bodyBytes, predictionRows, values }: ClientRequest['usage']): number {
  return 1 + bodyBytes / 10_000 + predictionRows / 50 + values / 500
}

/** Enough to keep an event loop busy. */
const mostWhileLoopIsBusy = 8
/** Of requests of more than 100 rows, or with long bodies, fewer are enough. */
const mostCostWhileLoopIsBusy = 30
/** Beyond the first small request of each: 1,000 rows, enough to fill the batches of several workers. */
const mostCostWhileWorkersAreBusy = 20

/** Counts requests by client, or by what else identifies their senders. */
export class RequestCounts {
  private readonly counts = new SenderEntries<{ requests: number }>(
    () => ({ requests: 0 }),
    ({ requests }) => requests === 0,
  )
  private senders = 0

  /** How many senders have requests. */
  get size(): number {
    return this.senders
  }

  countOf(sender: string): number {
    return this.counts.get(sender)?.requests ?? 0
  }

  add(sender: string): void {
    const count = this.counts.getOrMake(sender)
    if (count.requests++ === 0) this.senders++
  }

  /** Returns how many of the sender's requests remain. */
  remove(sender: string): number {
    const count = this.counts.get(sender)!
    if (--count.requests === 0) this.senders--
    return count.requests
  }
}

/**
 * What the requests of each client have cost lately, in small requests. Costs count half after a second, and a client
 * is forgotten five to ten seconds after its last request.
 */
export class RecentClients {
  /** Those that have asked since `began`, and those that asked only before. */
  private current = new Map<string, Usage>()
  private previous = new Map<string, Usage>()
  private weights = { current: 0, previous: 0 }
  private began = Number.NEGATIVE_INFINITY
  private readonly total = newUsage(0)

  constructor(private readonly weightOf: (client: string) => number = () => 1) {}

  /** Records the cost of a request. */
  add(client: string, cost: number, now: number): void {
    this.renew(now)
    const usage = this.entryOf(client, now)
    usage.mean += (cost - usage.mean) * learned
    use(usage, cost, now)
    use(this.total, cost, now)
  }

  /** The average cost of the client's requests; 0 if none is known. */
  meanOf(client: string): number {
    return this.find(client)?.mean ?? 0
  }

  /** Whether a client has used more than its share: that of its weight in the weights of all recent clients. */
  isOverShare(client: string, now: number): boolean {
    this.renew(now)
    const usage = this.find(client)
    if (usage === undefined || this.current.size + this.previous.size === 1) return false
    use(usage, 0, now)
    use(this.total, 0, now)
    const weights = this.weights.current + this.weights.previous
    return usage.amount * weights > this.total.amount * this.weightOf(client)
  }

  /** Whether a client has used more than its share, and more than all others together. */
  isDominant(client: string, now: number): boolean {
    return this.isOverShare(client, now) && 2 * this.find(client)!.amount > this.total.amount
  }

  private find(client: string): Usage | undefined {
    return this.current.get(client) ?? this.previous.get(client)
  }

  private entryOf(client: string, now: number): Usage {
    let usage = this.current.get(client)
    if (usage !== undefined) return usage
    const weight = this.weightOf(client)
    usage = this.previous.get(client)
    if (usage === undefined) usage = newUsage(now)
    else {
      this.previous.delete(client)
      this.weights.previous -= weight
    }
    this.current.set(client, usage)
    this.weights.current += weight
    return usage
  }

  private renew(now: number): void {
    if (now - this.began < keptMs) return
    const isRecent = now - this.began < 2 * keptMs
    this.previous = isRecent ? this.current : new Map()
    this.weights = { current: 0, previous: isRecent ? this.weights.current : 0 }
    this.current = new Map()
    this.began = now
  }
}

interface Usage {
  amount: number
  /** When the amount was computed. */
  at: number
  /** The average of single costs. */
  mean: number
}

function newUsage(at: number): Usage {
  return { amount: 0, at, mean: 0 }
}

function use(usage: Usage, cost: number, now: number): void {
  usage.amount = usage.amount * 2 ** ((usage.at - now) / halfLifeMs) + cost
  usage.at = now
}

const halfLifeMs = 1_000
const keptMs = 5_000
/** The weight of the last request in the average. */
const learned = 0.1

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
