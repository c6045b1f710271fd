import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Clock } from '../lib/clock'
import { PresageError } from '../lib/errors'
import { Admission, type Visit } from './admission'
import { answerTypeFor } from './answerStatus'
import type { createCors } from './cors'
import { extensionsOf } from './locatedError'
import { askedTimeout } from './requestContext'
import { requestIdHeader, requestIdOf } from './requestId'
import type { createRequestReport } from './requestReport'
import { sendRefusal } from './sendAnswer'

export interface AdmissionGateOptions {
  readonly clock: Clock
  /** How long the event loop has rested so far, in milliseconds; default: as Node tells. */
  readonly restedMs?: () => number
  /** The longest that a request may take. */
  readonly defaultTimeoutMs: number
  readonly cors: ReturnType<typeof createCors>
  readonly report: ReturnType<typeof createRequestReport>
}

/** Where requests to the graph are let in, or turned away while there is no time for them. */
export class AdmissionGate {
  private readonly admission: Admission

  constructor(private readonly options: AdmissionGateOptions) {
    this.admission = new Admission(options.restedMs ?? restedMs, setImmediate)
  }

  /** Whether a request can be answered in its time; nothing of it but its head has been read. */
  takes({ url = '/', method, headers }: IncomingMessage): boolean {
    if (method === 'OPTIONS') return true
    if (url !== '/graphql' && !url.startsWith('/graphql?')) return true
    const { clock, defaultTimeoutMs } = this.options
    return this.admission.takes(clock.now(), askedTimeout(headers, defaultTimeoutMs))
  }

  /** Costs as little as can be, for there are many of them when there is no time for any. */
  turnAway(message: IncomingMessage, response: ServerResponse): void {
    const { headers } = message
    const requestId = requestIdOf(headers)
    if (headers.origin === undefined) {
      const type = `${answerTypeFor(headers.accept)}; charset=utf-8`
      response.writeHead(503, [...refusalHead, 'content-type', type, requestIdHeader, requestId])
      response.end(refusalText)
    } else {
      this.options.cors(message, response)
      response.setHeader(requestIdHeader, requestId)
      response.setHeader('retry-after', '1')
      sendRefusal(message, response, refusal)
    }
    this.options.report({
      requestId,
      operation: undefined,
      status: response.statusCode,
      durationMs: 0,
      predictionRows: 0,
      aborted: false,
    })
  }

  /** A request of which everything has been read: who sends slowly keeps nobody from being answered. It must `leave`. */
  enter(socket: Socket, timeoutMs: number): Visit {
    return this.admission.enter(this.options.clock.now(), timeoutMs, (socket as UsedSocket)[answeredAt])
  }

  /** Its answer has left, or its client has (`isAnswered`): whatever comes on this connection next was sent later. */
  leave(socket: Socket, visit: Visit, isAnswered: boolean): void {
    const now = this.options.clock.now()
    this.admission.leave(now, visit, isAnswered)
    ;(socket as UsedSocket)[answeredAt] = now
  }
}

const refusal = new PresageError('OVERLOADED', 'more requests wait here than can be answered in time')
const refusalText = JSON.stringify({
  errors: [{ message: refusal.message, extensions: extensionsOf(refusal) }],
})
const refusalHead = ['content-length', String(Buffer.byteLength(refusalText)), 'retry-after', '1']

/** When the last answer left on a connection. */
const answeredAt = Symbol('answered at')

interface UsedSocket extends Socket {
  [answeredAt]?: number
}

function restedMs(): number {
  return performance.eventLoopUtilization().idle
}
