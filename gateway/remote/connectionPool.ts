import { errors, Pool } from 'undici'
import type { HttpAnswer } from './graphqlAnswer'

export interface PoolOptions {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly maxAnswerBytes: number
}

/** A pool of keep-alive connections to one address. After `dispose` it still serves calls, but keeps no connections. */
export class ConnectionPool {
  private pool: Pool | undefined
  private inFlight = 0
  private isDisposed = false

  constructor(
    private readonly url: URL,
    private readonly options: PoolOptions,
  ) {}

  /** Posts a JSON body. Rejects unless a complete response comes. */
  async post(
    body: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { pathname, search } = this.url
    this.pool ??= this.open()
    this.inFlight++
    try {
      const answer = await this.pool.request({
        method: 'POST',
        path: pathname + search,
        headers: { ...headers, accept, 'content-type': 'application/json' },
        body,
        signal,
      })
      const contentType = answer.headers['content-type']
      return {
        status: answer.statusCode,
        contentType: typeof contentType === 'string' ? contentType : '',
        text: await answer.body.text(),
      }
    } catch (error) {
      throw explain(error, this.url, this.options)
    } finally {
      this.inFlight--
      if (this.isDisposed && this.inFlight === 0) await this.close()
    }
  }

  /** Lets calls in flight finish, then closes their connections. */
  async dispose(): Promise<void> {
    this.isDisposed = true
    await this.close()
  }

  private open(): Pool {
    const { connections, connectTimeoutMs, maxAnswerBytes } = this.options
    return new Pool(this.url.origin, {
      connections,
      connect: { timeout: connectTimeoutMs },
      maxResponseSize: maxAnswerBytes,
      // The caller keeps the time, and aborts by its signal.
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

const accept = 'application/graphql-response+json, application/json;q=0.9'

/** The error for the log: what went wrong at which address, without the query string, which may hold a key. */
function explain(error: unknown, { origin, pathname }: URL, { maxAnswerBytes }: PoolOptions): Error {
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return new Error(`${origin}${pathname}: must answer with at most ${maxAnswerBytes} bytes, got more`)
  }
  const { code, message } = error as NodeJS.ErrnoException
  const reason = (code && reasons[code]) ?? message
  return Object.assign(new Error(`${origin}${pathname}: ${reason}`, { cause: error }), { code })
}

const reasons: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'the name of the host cannot be looked up now (EAI_AGAIN)',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no host has this name (ENOTFOUND)',
}
