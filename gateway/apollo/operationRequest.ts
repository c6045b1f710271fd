import type { IncomingHttpHeaders } from 'node:http'

/**
 * The parts of an HTTP request that decide the response. `body` is parsed JSON, and undefined for other methods than
 * POST.
 */
export interface OperationRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** The query string with its question mark, or empty. */
  readonly search: string
  readonly body: unknown
}

export interface OperationAnswer {
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]>
  /** A list of buffers if the response is long. */
  readonly text: string | readonly Buffer[]
  /** What stands before the text, if that was made before. It belongs to many answers. */
  readonly beginning?: Buffer
}
