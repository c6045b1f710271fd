import { type Dispatcher, errors, Pool } from 'undici'
import { columnsHeader } from '../graphql/entityColumns'
import type { HttpAnswer } from './graphqlAnswer'

export interface PoolOptions {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly maxAnswerBytes: number
}

/** Called once, later: with an answer, or with the error why there is none. */
export type Done = (error: Error | undefined, answer: HttpAnswer | undefined) => void

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

  /**
   * Posts a JSON body. Fails unless a complete response comes. The returned function aborts; then `done` is not called.
   */
  post(body: string, headers: Readonly<Record<string, string>>, done: Done): () => void {
    this.pool ??= this.open()
    this.inFlight++
    // undici's own promise and readable body would cost as much as the call itself.
    const exchange = new Exchange(this, done)
    this.pool.dispatch(
      {
        method: 'POST',
        path: this.path,
        headers: { ...headers, accept, 'content-type': 'application/json' },
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
    if (error instanceof errors.ResponseExceededMaxSizeError) {
      const { maxAnswerBytes } = this.options
      return new Error(`${origin}${pathname}: must answer with at most ${maxAnswerBytes} bytes, got more`)
    }
    const { code, message } = error as NodeJS.ErrnoException
    const reason = (code && reasons[code]) ?? message
    return Object.assign(new Error(`${origin}${pathname}: ${reason}`, { cause: error }), { code })
  }

  /** Called when an exchange has ended, whatever came of it. */
  ended(): void {
    this.inFlight--
    if (this.isDisposed && this.inFlight === 0) this.close()
  }

  private open(): Pool {
    const { connections, connectTimeoutMs, maxAnswerBytes } = this.options
    return new Pool(this.url.origin, {
      connections,
      connect: { timeout: connectTimeoutMs },
      maxResponseSize: maxAnswerBytes,
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

/** One request and its response. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined
  private isAborted = false
  private status = 0
  private contentType = ''
  private takesColumns = false
  private readonly chunks: Buffer[] = []

  constructor(
    private readonly pool: ConnectionPool,
    private readonly done: Done,
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
    this.status = status
    const contentType = headers['content-type']
    if (typeof contentType === 'string') this.contentType = contentType
    this.takesColumns = headers[columnsHeader] === '1'
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  onResponseEnd(): void {
    const { chunks, status, contentType, takesColumns } = this
    const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    this.end(undefined, { status, contentType, text: textOf(bytes), takesColumns })
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    // undici may report errors before `dispatch` returns.
    queueMicrotask(() => this.end(this.pool.explain(error), undefined))
  }

  private end(...outcome: Parameters<Done>): void {
    this.pool.ended()
    if (!this.isAborted) this.done(...outcome)
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
