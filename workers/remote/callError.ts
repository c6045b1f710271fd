import { type ErrorCode, errorTable } from '../../lib/errors'
import { boundedMessage } from '../protocol/trailers'

/** A call of the protocol that failed. The message is the server's, or says why there is no answer. */
export class CallError extends Error {
  override readonly name = 'CallError'

  constructor(
    /** A gRPC status; over HTTP the one that stands for the server's. */
    readonly status: number,
    message: string,
    /** The code of a Presage worker's error. */
    readonly code?: ErrorCode,
    /** Whether the server may have begun with it. */
    readonly wasSent = true,
  ) {
    // A server may write anything there, and clients may see it.
    super(boundedMessage(message))
  }
}

/** Those that matter here. */
export const callStatus = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  internal: 13,
  unavailable: 14,
} as const

/** A code that a server has sent, if it is one of ours. */
export function codeIn(value: unknown): ErrorCode | undefined {
  return typeof value === 'string' && Object.hasOwn(errorTable, value) ? (value as ErrorCode) : undefined
}
