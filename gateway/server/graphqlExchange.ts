import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { AbortableCaller } from '../../lib/request/caller'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { FairPlace } from '../../lib/scheduling/fairQueue'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import type { OperationServer } from '../apollo/operationServer'
import { type ResolveDocument, resolveDocuments } from '../apollo/trustedDocuments'
import {
  type BodyBytes,
  bodyMemory,
  checkOperations,
  parseBody,
  requireType,
  takeBody,
} from '../http/requestBody'
import type { Outcome } from '../http/requestReport'
import type { OperationAnswer } from '../http/sendAnswer'
import { mostUnbounded, sendPieces, sendRefusal, sendWithHead } from '../http/sendAnswer'
import type { HttpDrain } from '../http/timedServer'
import { type ReadRequest, requestIdHeader, requestIdOf } from '../identity/requestReader'
import type { Permit } from '../overload/concurrencyLimiter'
import { type OverloadHandler, overloaded } from '../overload/overloadHandler'
import type { RequestRates } from '../overload/requestRates'
import type { Waiting } from '../overload/startQueue'

/**
 * One request to /graphql, from its head to the end of its answer, and its caller. Every request passes here, so it uses
 * callbacks of one object: suspended async functions keep far more memory.
 */
export class GraphqlExchange extends AbortableCaller implements Waiting {
  private readonly arrival: number
  /** Whether its connection has sent a request before. */
  private readonly isKnown: boolean
  private request: ClientRequest | undefined
  private permit: Permit | undefined
  /** Its place while it waits for its turn. */
  private place: FairPlace<Waiting> | undefined
  private isRunning = false
  /** Undefined for other methods than POST. */
  private body: Buffer | string | undefined
  /** What the body takes of the memory for bodies. */
  private held: BodyBytes | undefined
  /** The request's id while the request has not been read. */
  private givenId: string | undefined

  constructor(
    private readonly endpoint: GraphqlEndpoint,
    private readonly message: IncomingMessage,
    private readonly response: ServerResponse,
    /** The query string with its question mark, or empty. */
    private readonly search: string,
    /** Further headers of the response, names and values in turn. */
    private readonly head: readonly string[],
    /** The body, if it has been read already. */
    private readonly text?: string,
  ) {
    super()
    this.arrival = endpoint.clock.now()
    const socket = message.socket as UsedSocket
    this.isKnown = socket[hasAsked] === true
    socket[hasAsked] = true
  }

  get client(): string {
    return this.request!.client
  }

  /** A new connection may be the first of many, since the loop accepts one connection per turn. */
  get isOnlyRequest(): boolean {
    const { drain, overload } = this.endpoint
    return this.isKnown && (drain.hasOne || overload.isAlone(this.client))
  }

  get isCrowding(): boolean {
    return this.endpoint.overload.isCrowding(this.client)
  }

  begin(): void {
    const { endpoint, message, arrival } = this
    this.response.on('close', () => this.close())
    try {
      const reading = endpoint.readRequest(message, arrival, this)
      if (reading instanceof Promise) reading.then((request) => this.enter(request), this.refuse)
      else this.enter(reading)
    } catch (error) {
      this.refuse(error)
    }
  }

  /** Must not throw; nor must the methods below. */
  private enter(request: ClientRequest): void {
    // The client may have gone while its token was verified, and nobody would release what the request takes now.
    if (this.response.destroyed) return
    this.request = request
    const { message, text, endpoint } = this
    try {
      // The gateway that wrote an envelope has counted its request.
      if (request.envelope === undefined) endpoint.rates?.admit(request.client)
    } catch (error) {
      this.refuse(error)
      return
    }
    if (message.method !== 'POST') this.ask(undefined)
    else {
      const { client } = request
      this.held = bodyMemory.open(client)
      try {
        if (text === undefined) requireType(message)
        else this.held.grow(text.length)
      } catch (error) {
        this.refuse(error)
        return
      }
      if (text !== undefined) {
        this.ask(text)
        return
      }
      const later = (resume: () => void) => loopTurn.later(client, resume)
      takeBody(message, endpoint.maxBodyBytes, this.held, later, (read) => this.ask(read), this.refuse)
    }
  }

  private ask(body: Buffer | string | undefined): void {
    const { overload } = this.endpoint
    const request = this.request!
    request.usage.bodyBytes = body?.length ?? 0
    this.permit = overload.acquire(this.message.socket, request, request.deadline - this.arrival)
    this.body = body
    this.place = overload.startQueue.add(this)
  }

  /** Called when its turn has come. */
  proceed(): void {
    const { endpoint, message, response, search } = this
    const request = this.request!
    if (response.destroyed) return
    try {
      if (!endpoint.overload.tryStart(request, this.permit!)) throw overloaded
      this.isRunning = true
      const body = this.parsedBody()
      if (body !== undefined) checkOperations(body, endpoint.maxOperations)
      const { resolveDocument } = endpoint
      const asked = resolveDocument ? resolveDocuments(search, body, resolveDocument) : { search, body }
      endpoint.operations
        .answer(message, asked.search, asked.body, request)
        .then((answer) => this.send(answer), this.refuse)
    } catch (error) {
      this.refuse(error)
    }
  }

  /** Not parsed before its turn has come: a long body takes milliseconds, for which others would wait. */
  private parsedBody(): unknown {
    const { body } = this
    this.body = undefined
    this.held?.release()
    return body === undefined ? undefined : parseBody(this.message, body)
  }

  private send({ status, headers, beginning, text }: OperationAnswer): void {
    const { response } = this
    this.end()
    if (response.destroyed) return
    try {
      const head = [...this.head, requestIdHeader, this.id]
      for (const [name, value] of headers) head.push(name, value)
      if (typeof text === 'string' && text.length <= mostUnbounded) {
        sendWithHead(response, status, head, text, beginning)
      } else {
        const pieces = typeof text === 'string' ? [...(beginning ?? []), Buffer.from(text)] : text
        sendPieces(response, status, head, pieces, this.endpoint.takeMs, this.client)
      }
      this.sent()
    } catch (error) {
      this.refuse(error)
    }
  }

  private readonly refuse = (error: unknown): void => {
    const { endpoint, message, response, id } = this
    this.end()
    try {
      if (!response.headersSent) this.setHead()
      if (error instanceof PresageError) sendRefusal(message, response, error)
      else endpoint.fail(error, response, id)
      this.sent()
    } catch (further) {
      endpoint.fail(further, response, id)
    }
  }

  /** Call when the whole answer waits for the connection to take it. */
  private sent(): void {
    const { permit, response } = this
    if (permit !== undefined && !response.writableFinished) this.endpoint.overload.answered(permit)
  }

  private end(): void {
    if (!this.isRunning) return
    this.isRunning = false
    this.endpoint.overload.end(this.request!)
  }

  private setHead(): void {
    const { response, head } = this
    for (let at = 0; at < head.length; at += 2) response.setHeader(head[at], head[at + 1])
    response.setHeader(requestIdHeader, this.id)
  }

  private close(): void {
    const { endpoint, message, response, request, permit } = this
    const now = endpoint.clock.now()
    const isAnswered = response.writableFinished
    if (this.place !== undefined) endpoint.overload.startQueue.remove(this.place)
    this.held?.release()
    this.end()
    if (permit !== undefined) endpoint.overload.release(message.socket, request!, permit, isAnswered, now)
    if (!isAnswered) this.leave()
    const outcome = {
      requestId: this.id,
      operation: request?.operation,
      status: response.statusCode,
      durationMs: now - this.arrival,
      predictionRows: request?.usage.predictionRows ?? 0,
      aborted: this.isAborted,
    }
    endpoint.report(request?.isSynthetic ? { ...outcome, synthetic: true } : outcome, request?.client)
  }

  private get id(): string {
    if (this.request !== undefined) return this.request.id
    this.givenId ??= requestIdOf(this.message.headers)
    return this.givenId
  }
}

/** Marks a connection that has sent a request before. */
const hasAsked = Symbol('has asked')

interface UsedSocket extends Socket {
  [hasAsked]?: boolean
}

/** What all requests to /graphql of one server share. */
export interface GraphqlEndpoint {
  readonly clock: Clock
  readonly overload: OverloadHandler
  /** If absent, clients may send as many requests as they like. */
  readonly rates?: RequestRates | undefined
  readonly drain: HttpDrain
  readonly readRequest: ReadRequest
  readonly operations: OperationServer
  readonly maxBodyBytes: number
  /** How long a client may take to read a long answer, in milliseconds. */
  readonly takeMs: number
  /** The most operations in one body. */
  readonly maxOperations: number
  /** If absent, documents cannot be named. */
  readonly resolveDocument?: ResolveDocument | undefined
  report(outcome: Outcome, client?: string): void
  /** Logs an error that clients may not see, and ends the response. */
  fail(error: unknown, response: ServerResponse, requestId: string): void
}
