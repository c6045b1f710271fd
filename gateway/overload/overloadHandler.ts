import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { fairShares, networkOf } from '../../lib/request/caller'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { idleTime, turnEnd } from '../../lib/scheduling/eventLoop'
import { extensionsOf } from '../graphql/locatedError'
import { answerTypeFor } from '../http/answerStatus'
import type { createCors } from '../http/cors'
import type { createRequestReport } from '../http/requestReport'
import { sendRefusal } from '../http/sendAnswer'
import { askedTimeout, requestIdHeader, requestIdOf } from '../identity/requestReader'
import { costOf, RequestCounts, StartLimit, UnreadConnections } from './clientLimits'
import { ConcurrencyLimiter, type Permit } from './concurrencyLimiter'
import { SharedTurns, StartQueue } from './startQueue'

export interface OverloadHandlerOptions {
  readonly clock: Clock
  /** How long the process has been idle so far, in milliseconds. Default: the idle time of Node and the workers. */
  readonly idleMs?: () => number
  /** The maximum of a request's timeout. */
  readonly defaultTimeoutMs: number
  /** While the server drains, nothing is refused, and what is in flight is finished. */
  readonly drain: { readonly isDraining: boolean }
  /** The address of the client. */
  addressOf(message: IncomingMessage): string
  readonly cors: ReturnType<typeof createCors>
  /** The headers that `cors` sets for requests without an origin. */
  readonly plainHead: readonly string[]
  readonly report: ReturnType<typeof createRequestReport>
}

/** Admits requests to /graphql, and refuses those that could not be answered in time. */
export class OverloadHandler {
  private readonly limiter: ConcurrencyLimiter
  /** Requests in flight by address: nothing else of a client is known before its request is read. */
  private readonly inFlight = new RequestCounts()
  private readonly startLimit: StartLimit
  /** Where admitted requests wait for their turn. */
  readonly startQueue: StartQueue
  private readonly unread: UnreadConnections
  private readonly sharedTurns = new SharedTurns()
  /** The client of the last request, and when the client last changed. */
  private lastNetwork: string | undefined
  private sharedAt = Number.NEGATIVE_INFINITY
  private readonly plainRefusal: readonly string[]
  /** The responses to refuse at the end of this turn. */
  private refused: ServerResponse[] = []

  constructor(private readonly options: OverloadHandlerOptions) {
    const { weightOf } = fairShares
    const { clock, idleMs } = options
    this.limiter = new ConcurrencyLimiter(idleMs ?? idleTime.ms, setImmediate)
    const isBusy = (now: number) => this.limiter.isBusy(now)
    this.startLimit = new StartLimit({ weightOf, loopIdleMs: idleMs ?? idleTime.idle, isBusy })
    this.startQueue = new StartQueue({
      weightOf,
      startsPerTurn: (started) => this.startsPerTurn(started),
      atEndOfTurn: turnEnd.start,
      mayStart: (client) => options.drain.isDraining || this.startLimit.mayStart(client, clock.now()),
    })
    this.unread = new UnreadConnections(() => clock.now())
    this.plainRefusal = [...options.plainHead, ...refusalHead]
  }

  /**
   * Whether to answer a request, of which only the head has been read. If not, it is refused at the end of this turn.
   * `queued` is how many requests of its connection wait for the answers to those before them.
   */
  admits(message: IncomingMessage, response: ServerResponse, queued = 0): boolean {
    if (queued <= mostQueued && this.mayComeIn(message)) return true
    if (this.refused.push(response) === 1) setImmediate(this.turnAway)
    return false
  }

  private mayComeIn(message: IncomingMessage): boolean {
    const { method, url = '/', headers } = message
    const { clock, defaultTimeoutMs, drain } = this.options
    if (drain.isDraining || method === 'OPTIONS') return true
    if (url !== '/graphql' && !url.startsWith('/graphql?')) return true
    const timeoutMs = askedTimeout(headers, defaultTimeoutMs)
    const now = clock.now()
    if (this.limiter.hasRoom(now, timeoutMs)) return true
    const own = this.inFlight.countOf(networkOf(this.options.addressOf(message)))
    return this.limiter.hasFairShare(now, timeoutMs, own, this.inFlight.size + (own === 0 ? 1 : 0))
  }

  /** Refusing all of a turn together keeps the CPU caches warm, and wakes a client with many requests only once. */
  private readonly turnAway = (): void => {
    const { refused } = this
    this.refused = []
    for (const response of refused) this.refuse(response.req, response)
  }

  private startsPerTurn(started: number): number {
    const now = this.options.clock.now()
    const most = this.limiter.startsPerTurn(now)
    const shared = this.sharedTurns.most(now, started)
    return now - this.sharedAt < sharedMs ? Math.min(most, shared) : most
  }

  /** Kept as cheap as possible: refusals are frequent exactly when there is no time. */
  private refuse(message: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = message
    const requestId = requestIdOf(headers)
    // To a preflight, `cors` would give an answer of its own.
    if (headers.origin === undefined || method === 'OPTIONS') {
      const type = `${answerTypeFor(headers.accept)}; charset=utf-8`
      response.writeHead(503, [...this.plainRefusal, 'content-type', type, requestIdHeader, requestId])
      response.end(refusalText)
    } else {
      this.options.cors(message, response)
      response.setHeader(requestIdHeader, requestId)
      sendRefusal(message, response, overloaded)
    }
    this.report(requestId)
  }

  private report(requestId: string): void {
    this.options.report({
      requestId,
      operation: undefined,
      status: 503,
      durationMs: 0,
      predictionRows: 0,
      aborted: false,
    })
  }

  /** Admits a request whose body has been read, so that slow senders take up no room. The permit must be released. */
  acquire(socket: UsedSocket, request: ClientRequest, timeoutMs: number): Permit {
    const now = this.options.clock.now()
    const network = networkOf(request.address ?? '')
    const isOnlyUser = socket[user] === undefined || socket[user] === request.client
    socket[user] = isOnlyUser && isDirect(request) ? request.client : null
    this.inFlight.add(network)
    if (network !== this.lastNetwork) {
      if (this.lastNetwork !== undefined) this.sharedAt = now
      this.lastNetwork = network
    }
    return this.limiter.acquire(now, timeoutMs, socket[answeredAt])
  }

  /**
   * Whether to answer a request whose turn has come; if not, refuse it with `overloaded`. While the server drains, all
   * are answered. Call `end` for a request that is to be answered.
   */
  tryStart({ client }: ClientRequest, permit: Permit): boolean {
    const now = this.options.clock.now()
    if (!this.limiter.tryStart(now, permit) && !this.options.drain.isDraining) return false
    this.startLimit.start(client, now)
    return true
  }

  /**
   * Whether no rows of the client will follow soon: no other request of it runs, while so many of others do that some
   * wait for their start, which makes turns of the event loop long.
   */
  isAlone(client: string): boolean {
    return this.startQueue.isHolding && this.startLimit.runningOf(client) === 1
  }

  /** Whether the client takes most of this thread, which has little idle time: its runs are then made on others. */
  isCrowding(client: string): boolean {
    return this.startLimit.isCrowding(client, this.options.clock.now())
  }

  /** Call when an answer has been given to its connection and waits there for its client. Again does no harm. */
  answered(permit: Permit): void {
    this.limiter.answered(this.options.clock.now(), permit)
  }

  /** Call when the answer is ready to be sent, or the client has gone: others may start. */
  end({ client, usage }: ClientRequest): void {
    this.startLimit.end(client, costOf(usage), this.options.clock.now())
    this.startQueue.resume()
  }

  /**
   * Call when the answer has left, or the client has gone (`isAnswered` is false). The next request on this connection
   * was sent after that.
   */
  release(
    socket: UsedSocket,
    request: ClientRequest,
    permit: Permit,
    isAnswered: boolean,
    now: number,
  ): void {
    const network = networkOf(request.address ?? '')
    const { client } = request
    const remaining = this.inFlight.remove(network)
    if (remaining > 0) this.startQueue.charge(client, costOf(request.usage) - 1)
    this.limiter.release(now, permit, isAnswered)
    socket[answeredAt] = now
    if (isAnswered && socket[user] === client) {
      const isLimited = !this.options.drain.isDraining && this.startLimit.isLimited(client, now)
      this.unread.answered(socket, client, remaining, isLimited)
    }
  }

  /** Call once the server drains. */
  drain(): void {
    this.unread.resumeAll()
    this.startQueue.resume()
  }
}

export const overloaded = new PresageError(
  'OVERLOADED',
  'too many requests are waiting to be answered in time',
)
const refusalText = JSON.stringify({
  errors: [{ message: overloaded.message, extensions: extensionsOf(overloaded) }],
})
const refusalHead = ['content-length', String(Buffer.byteLength(refusalText)), 'retry-after', '1']
/** The answers of a connection are kept until the client has read those before them. */
const mostQueued = 100
/** When the last answer left on a connection. */
const answeredAt = Symbol('answered at')

/** For this long after a change of clients, the process counts as shared by several. */
const sharedMs = 10_000

/** The only client that has used a connection; null if there were several, or may be. */
const user = Symbol('user')

export interface UsedSocket extends Socket {
  [answeredAt]?: number
  [user]?: string | null
}

/** Whether a request has come from the client itself, not by way of a proxy or gateway. */
function isDirect({ envelope, headers }: ClientRequest): boolean {
  return envelope === undefined && headers['x-forwarded-for'] === undefined
}
