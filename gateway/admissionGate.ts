import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../lib/clock'
import { PresageError } from '../lib/errors'
import { rest } from '../lib/rest'
import { Admission, type Visit } from './admission'
import { answerTypeFor } from './answerStatus'
import type { createCors } from './cors'
import { extensionsOf } from './locatedError'
import { askedTimeout } from './requestContext'
import { requestIdHeader, requestIdOf } from './requestId'
import type { createRequestReport } from './requestReport'
import { sendRefusal } from './sendAnswer'
import { Turnstile, type Waiting } from './turnstile'

export interface AdmissionGateOptions {
  readonly clock: Clock
  /** How long the process has rested so far, in milliseconds; default: as Node and the workers tell. */
  readonly restedMs?: () => number
  /** The longest that a request may take. */
  readonly defaultTimeoutMs: number
  /** From when on nobody is turned away: what is in flight is finished. */
  isDraining(): boolean
  readonly cors: ReturnType<typeof createCors>
  /** What `cors` sets where no page asks. */
  readonly plainHead: readonly string[]
  readonly report: ReturnType<typeof createRequestReport>
}

/** Where requests to the graph are let in, or turned away while there is no time for them. */
export class AdmissionGate {
  private readonly admission: Admission
  private readonly turnstile: Turnstile
  private readonly plainRefusal: readonly string[]
  /** In this turn of the event loop. */
  private refused: ServerResponse[] = []

  constructor(private readonly options: AdmissionGateOptions) {
    this.admission = new Admission(options.restedMs ?? (() => rest.ms()), setImmediate)
    this.turnstile = new Turnstile(() => this.admission.mayBegin(options.clock.now()), setImmediate)
    this.plainRefusal = [...options.plainHead, ...refusalHead]
  }

  /** Whether a request is to be answered; else it is turned away at the end of this turn. Nothing of it but its head has been read. */
  admits(message: IncomingMessage, response: ServerResponse): boolean {
    if (this.takes(message)) return true
    if (this.refused.push(response) === 1) setImmediate(this.turnAway)
    return false
  }

  private takes({ method, url = '/', headers }: IncomingMessage): boolean {
    const { clock, defaultTimeoutMs, isDraining } = this.options
    if (isDraining() || method === 'OPTIONS') return true
    if (url !== '/graphql' && !url.startsWith('/graphql?')) return true
    return this.admission.takes(clock.now(), askedTimeout(headers, defaultTimeoutMs))
  }

  /** All at once: one after the other they find in the caches what they need, and clients that have many of them wake once. */
  private readonly turnAway = (): void => {
    const { refused } = this
    this.refused = []
    for (const response of refused) this.refuse(response.req, response)
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

  /** A request of which everything has been read: who sends slowly keeps nobody from being answered. It must `leave`. */
  enter(socket: Socket, timeoutMs: number): Visit {
    return this.admission.enter(this.options.clock.now(), timeoutMs, (socket as UsedSocket)[answeredAt])
  }

  /** Has it proceed, now or when its turn has come. */
  wait(one: Waiting): void {
    this.turnstile.pass(one)
  }

  /** Whether one whose turn has come is to be answered, as all are that are in flight when the server ends; else it is to be refused with `overloaded`. */
  begins(visit: Visit): boolean {
    return this.admission.begins(this.options.clock.now(), visit) || this.options.isDraining()
  }

  /** Its answer has left, or its client has (`isAnswered`): whatever comes on this connection next was sent later. */
  leave(socket: Socket, visit: Visit, isAnswered: boolean): void {
    const now = this.options.clock.now()
    this.admission.leave(now, visit, isAnswered)
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

interface UsedSocket extends Socket {
  [answeredAt]?: number
}
