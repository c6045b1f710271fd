import type { IncomingHttpHeaders } from 'node:http'

/** What of an HTTP request its answer depends on. `body` is parsed, and undefined but for POST. */
export interface OperationRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** The query string with its question mark, or nothing. */
  readonly search: string
  readonly body: unknown
}

export interface OperationAnswer {
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]>
  /** In pieces where it is long. */
  readonly text: string | readonly Buffer[]
}
