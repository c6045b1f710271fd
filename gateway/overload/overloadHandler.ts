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
  /** How long the process has rested so far, in milliseconds; default: as Node and the workers tell. */
  readonly restedMs?: () => number
  /** The longest that a request may take. */
  readonly defaultTimeoutMs: number
  /** From when on nobody is turned away: what is in flight is finished. */
  isDraining(): boolean
  /** The address of who has sent it. */
  addressOf(message: IncomingMessage): string
  readonly cors: ReturnType<typeof createCors>
  /** What `cors` sets where no page asks. */
  readonly plainHead: readonly string[]
  readonly report: ReturnType<typeof createRequestReport>
}

/** Admits requests to the graph, and refuses those that could not be answered in time. */
export class OverloadHandler {
  private readonly limiter: ConcurrencyLimiter
  private readonly clients = new ClientsInside()
  private readonly startQueue: StartQueue
  private readonly sharedTurns = new SharedTurns()
  /** Who came last, and when somebody else had come before. */
  private lastNetwork: string | undefined
  private sharedAt = Number.NEGATIVE_INFINITY
  private readonly plainRefusal: readonly string[]
  /** In this turn of the event loop. */
  private refused: ServerResponse[] = []

  constructor(private readonly options: OverloadHandlerOptions) {
    this.limiter = new ConcurrencyLimiter(options.restedMs ?? (() => idleTime.ms()), setImmediate)
    this.startQueue = new StartQueue(
      (started) => this.startsPerTurn(started),
      setImmediate,
      fairShares.weightOf,
    )
    this.plainRefusal = [...options.plainHead, ...refusalHead]
  }

  /** Whether a request is to be answered; else it is turned away at the end of this turn. Nothing of it but its head has been read. */
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

  /** All at once: one after the other they find in the caches what they need, and clients that have many of them wake once. */
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

  /** Costs as little as can be, for there are many of them when there is no time for any. */
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

  /** A request whose body has been read: a slow sender takes nobody's place. Its permit must be released. */
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

  /** Calls `proceed`, now or when its turn has come. */
  wait(one: Waiting): void {
    this.startQueue.add(one)
  }

  /** Whether a request whose turn has come is answered; if not, it is to be refused with `overloaded`. All are answered while the server drains. */
  tryStart(permit: Permit): boolean {
    return this.limiter.tryStart(this.options.clock.now(), permit) || this.options.isDraining()
  }

  /** The answer has left, or the client has gone (`isAnswered` is false): the next request on this connection was sent later. */
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
  'more requests wait here than can be answered in time',
)
const refusalText = JSON.stringify({
  errors: [{ message: overloaded.message, extensions: extensionsOf(overloaded) }],
})
const refusalHead = ['content-length', String(Buffer.byteLength(refusalText)), 'retry-after', '1']
/** When the last answer left on a connection. */
const answeredAt = Symbol('answered at')

/** So long several clients are taken for those who share the process, after one of them came. */
const sharedMs = 10_000

/** Beyond a small request, in small ones, about. */
function costOf({ predictionRows, values }: ClientRequest['usage']): number {
  return predictionRows / 50 + values / 500
}

interface UsedSocket extends Socket {
  [answeredAt]?: number
}
