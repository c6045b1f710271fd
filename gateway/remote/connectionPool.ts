import { type Dispatcher, errors, Pool } from 'undici'
import { callsHeader } from '../graphql/callFrames'
import { columnsHeader } from '../graphql/entityColumns'
import type { HttpAnswer } from './graphqlAnswer'

export interface PoolOptions {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly maxAnswerBytes: number
}

/** Called once, later: with an answer, or with the error why there is none. */
export type Done = (error: Error | undefined, answer: HttpAnswer | undefined) => void

/** Reads a response. Either `end` or `fail` is called once, later. */
export interface Receiver {
  start(status: number, headers: Readonly<Record<string, unknown>>): void
  /** May throw, which ends the exchange with this error. */
  take(chunk: Buffer): void
  end(): void
  fail(error: Error): void
}

/** A pool of keep-alive connections to one address. After `dispose` it still serves calls, but keeps no connections. */
export class ConnectionPool {
  private readonly path: string
  private pool: Pool | undefined
  private inFlight = 0
  private isDisposed = false

  constructor(
    private readonly url: URL,
    private readonly options: PoolOptions,
  ) {
    this.path = url.pathname + url.search
  }

  /** Posts a JSON body. Fails unless a whole response comes. The returned function aborts, without calling `done`. */
  post(body: string, headers: Readonly<Record<string, string>>, done: Done): () => void {
    return this.stream(body, headers, new WholeAnswer(this.options.maxAnswerBytes, done))
  }

  /** Posts a body whose response is read as it comes. The returned function aborts; then `receiver` is not called. */
  stream(body: string, headers: Readonly<Record<string, string>>, receiver: Receiver): () => void {
    this.pool ??= this.open()
    this.inFlight++
    // undici's own promise and readable body would cost as much as the call itself.
    const exchange = new Exchange(this, receiver)
    this.pool.dispatch(
      {
        method: 'POST',
        path: this.path,
        headers: { accept, 'content-type': 'application/json', ...headers },
        body,
      },
      exchange,
    )
    return () => exchange.abort()
  }

  /** Lets calls in flight finish, then closes their connections. */
  async dispose(): Promise<void> {
    this.isDisposed = true
    await this.close()
  }

  /** The error for the log: what went wrong at which address, without the query string, which may hold a key. */
  explain(error: unknown): Error {
    const { origin, pathname } = this.url
    if (error instanceof errors.ResponseExceededMaxSizeError) return this.answerTooLong()
    const { code, message } = error as NodeJS.ErrnoException
    // Where a host has several addresses, Node's error for all of them has no message.
    const reason = (code && reasons[code]) ?? (message || code)
    return Object.assign(new Error(`${origin}${pathname}: ${reason}`, { cause: error }), { code })
  }

  answerTooLong(): Error {
    const { origin, pathname } = this.url
    const { maxAnswerBytes } = this.options
    return new Error(`${origin}${pathname}: must answer with at most ${maxAnswerBytes} bytes, got more`)
  }

  /** Called when an exchange has ended, whatever came of it. */
  ended(): void {
    this.inFlight--
    if (this.isDisposed && this.inFlight === 0) this.close()
  }

  private open(): Pool {
    const { connections, connectTimeoutMs } = this.options
    return new Pool(this.url.origin, {
      connections,
      connect: { timeout: connectTimeoutMs },
      // The caller keeps the time, and aborts.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  private async close(): Promise<void> {
    const { pool } = this
    this.pool = undefined
    await pool?.close()
  }
}

class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined
  private isAborted = false

  constructor(
    private readonly pool: ConnectionPool,
    private readonly receiver: Receiver,
  ) {}

  abort(): void {
    this.isAborted = true
    this.controller?.abort(abandoned)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isAborted) controller.abort(abandoned)
    else this.controller = controller
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void {
    this.receiver.start(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    try {
      this.receiver.take(chunk)
    } catch (error) {
      controller.abort(error as Error)
    }
  }

  onResponseEnd(): void {
    this.pool.ended()
    if (!this.isAborted) this.receiver.end()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    // undici may report errors before `dispatch` returns.
    queueMicrotask(() => {
      this.pool.ended()
      if (!this.isAborted) this.receiver.fail(this.pool.explain(error))
    })
  }
}

class WholeAnswer implements Receiver {
  private status = 0
  private headers: Readonly<Record<string, unknown>> = {}
  private readonly chunks: Buffer[] = []
  private bytes = 0

  constructor(
    private readonly maxBytes: number,
    private readonly done: Done,
  ) {}

  start(status: number, headers: Readonly<Record<string, unknown>>): void {
    this.status = status
    this.headers = headers
  }

  take(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.bytes > this.maxBytes) throw new errors.ResponseExceededMaxSizeError()
    this.chunks.push(chunk)
  }

  end(): void {
    const { chunks, status, headers } = this
    const type = headers['content-type']
    this.done(undefined, {
      status,
      contentType: typeof type === 'string' ? type : '',
      text: textOf(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
      takesColumns: headers[columnsHeader] === '1',
      takesCalls: headers[callsHeader] === '1',
      location: headers['location'],
      encoding: headers['content-encoding'],
    })
  }

  fail(error: Error): void {
    this.done(error, undefined)
  }
}

const accept = 'application/graphql-response+json, application/json;q=0.9'
const abandoned = new Error('nobody waits for the answer any more')

/** UTF-8, without a byte order mark. */
function textOf(bytes: Buffer): string {
  const hasMark = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', hasMark ? 3 : 0)
}

const reasons: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'the name of the host cannot be looked up now (EAI_AGAIN)',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no host has this name (ENOTFOUND)',
}
