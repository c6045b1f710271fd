import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { networkOf } from '../../lib/request/clientOf'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { fairShares } from '../../lib/request/fairShares'
import { idleTime } from '../../lib/scheduling/idleTime'
import { extensionsOf } from '../graphql/locatedError'
import { answerTypeFor } from '../http/answerStatus'
import type { createCors } from '../http/cors'
import type { createRequestReport } from '../http/requestReport'
import { sendRefusal } from '../http/sendAnswer'
import { askedTimeout } from '../identity/requestContext'
import { requestIdHeader, requestIdOf } from '../identity/requestId'
import { ClientsInside } from './clientsInside'
import { ConcurrencyLimiter, type Permit } from './concurrencyLimiter'
import { SharedTurns } from './sharedTurns'
import { StartQueue, type Waiting } from './startQueue'

export interface OverloadHandlerOptions {
  readonly clock: Clock
  /** How long the process has been idle so far, in milliseconds. Default: the idle time of Node and the workers. */
  readonly idleMs?: () => number
  /** The maximum of a request's timeout. */
  readonly defaultTimeoutMs: number
  /** True while the server drains. Then nothing is refused, and what is in flight is finished. */
  isDraining(): boolean
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
  private readonly clients = new ClientsInside()
  private readonly startQueue: StartQueue
  private readonly sharedTurns = new SharedTurns()
  /** The client of the last request, and when the client last changed. */
  private lastNetwork: string | undefined
  private sharedAt = Number.NEGATIVE_INFINITY
  private readonly plainRefusal: readonly string[]
  /** The responses to refuse at the end of this turn. */
  private refused: ServerResponse[] = []

  constructor(private readonly options: OverloadHandlerOptions) {
    this.limiter = new ConcurrencyLimiter(options.idleMs ?? (() => idleTime.ms()), setImmediate)
    this.startQueue = new StartQueue(
      (started) => this.startsPerTurn(started),
      setImmediate,
      fairShares.weightOf,
    )
    this.plainRefusal = [...options.plainHead, ...refusalHead]
  }

  /**
   * Whether to answer a request, of which only the head has been read. If not, it is refused at the end of this turn.
   */
  admits(message: IncomingMessage, response: ServerResponse): boolean {
    if (this.mayComeIn(message)) return true
    if (this.refused.push(response) === 1) setImmediate(this.turnAway)
    return false
  }

  private mayComeIn(message: IncomingMessage): boolean {
    const { method, url = '/', headers } = message
    const { clock, defaultTimeoutMs, isDraining } = this.options
    if (isDraining() || method === 'OPTIONS') return true
    if (url !== '/graphql' && !url.startsWith('/graphql?')) return true
    const timeoutMs = askedTimeout(headers, defaultTimeoutMs)
    const now = clock.now()
    if (this.limiter.hasRoom(now, timeoutMs)) return true
    const own = this.clients.countOf(networkOf(this.options.addressOf(message)))
    return this.limiter.hasFairShare(now, timeoutMs, own, this.clients.size + (own === 0 ? 1 : 0))
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
    const { headers } = message
    const requestId = requestIdOf(headers)
    if (headers.origin === undefined) {
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
  acquire(socket: Socket, { address = '' }: ClientRequest, timeoutMs: number): Permit {
    const now = this.options.clock.now()
    const network = networkOf(address)
    this.clients.enter(network)
    if (network !== this.lastNetwork) {
      if (this.lastNetwork !== undefined) this.sharedAt = now
      this.lastNetwork = network
    }
    return this.limiter.acquire(now, timeoutMs, (socket as UsedSocket)[answeredAt])
  }

  /** Calls `proceed`, now or when the request's turn has come. */
  wait(one: Waiting): void {
    this.startQueue.add(one)
  }

  /**
   * Whether to answer a request whose turn has come; if not, refuse it with `overloaded`. While the server drains, all
   * are answered.
   */
  tryStart(permit: Permit): boolean {
    return this.limiter.tryStart(this.options.clock.now(), permit) || this.options.isDraining()
  }

  /**
   * Call when the answer has left, or the client has gone (`isAnswered` is false). The next request on this connection
   * was sent after that.
   */
  release(socket: Socket, request: ClientRequest, permit: Permit, isAnswered: boolean): void {
    const now = this.options.clock.now()
    const network = networkOf(request.address ?? '')
    if (this.clients.leave(network) > 0) this.startQueue.charge(request.client, costOf(request.usage))
    this.limiter.release(now, permit, isAnswered)
    ;(socket as UsedSocket)[answeredAt] = now
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
/** When the last answer left on a connection. */
const answeredAt = Symbol('answered at')

/** For this long after a change of clients, the process counts as shared by several. */
const sharedMs = 10_000

/** The extra cost of a request, in small requests. */
function costOf({ predictionRows, values }: ClientRequest['usage']): number {
  return predictionRows / 50 + values / 500
}

interface UsedSocket extends Socket {
  [answeredAt]?: number
}
