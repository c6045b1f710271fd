import { type ErrorCode, errorTable, PresageError } from '../lib/errors'
import { boundedMessage } from '../workers/protocol/trailers'

/** How the protocol tells an error: by the status of HTTP or of gRPC, and a sentence. */
export interface ProtocolError {
  readonly http: number
  /** A name of the gRPC statuses. */
  readonly grpc: string
  readonly code: ErrorCode | 'INTERNAL'
  readonly message: string
}

/** Where model servers differ from the statuses of our errors. */
const deviating: Partial<Readonly<Record<ErrorCode, { readonly http: number; readonly grpc: string }>>> = {
  CANCELLED: { http: 400, grpc: 'CANCELLED' },
  DEADLINE_EXCEEDED: { http: 503, grpc: 'UNAVAILABLE' },
  NOT_SUPPORTED: { http: 501, grpc: 'UNIMPLEMENTED' },
}

/** Anything that is not one of our errors is a bug, whose message clients do not see. */
export function protocolError(error: unknown): ProtocolError {
  if (error instanceof PresageError) {
    const { code, message } = error
    const { http, grpc } = deviating[code] ?? errorTable[code]
    return { http, grpc, code, message: boundedMessage(message) }
  }
  return { http: 500, grpc: 'INTERNAL', code: 'INTERNAL', message: 'the request failed; the log says why' }
}
