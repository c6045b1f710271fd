import { type ErrorCode, errorTable, PresageError } from '../../lib/errors'
import type { ServiceError } from '../protocol/grpc'
import { codeTrailer } from '../protocol/trailers'
import { WorkerLost } from '../runtime/workerLost'

/**
 * What a failed call says about the server.
 *
 * - `gone`: the connection was lost, or the server stops.
 * - `busy`: it has no room for the rows. `late`: it did not answer in time.
 * - `notHeld`: it does not serve the version any more.
 * - `refused`: the model or the request failed, and would elsewhere too.
 */
export type FailureKind = 'gone' | 'busy' | 'late' | 'notHeld' | 'refused'

export interface CallFailure {
  readonly kind: FailureKind
  /** For the rows. It names no address, since clients may see it. */
  readonly error: PresageError
  /** For operators. */
  readonly reason: string
}

/** Numbers of the gRPC statuses. */
const status = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unavailable: 14,
}

/** Reads the error of a call for rows of a version. */
export function callFailure(worker: string, key: string, error: ServiceError): CallFailure {
  const reason = error.details || error.message
  const lost = (kind: FailureKind, why: string, rowsSuspected: boolean, outcome?: ErrorCode) => ({
    kind,
    reason,
    error: new WorkerLost(`worker ${worker} (remote) ${why}`, rowsSuspected, outcome),
  })
  switch (error.code) {
    case status.unavailable:
      return unavailable(codeOf(error), reason, lost)
    case status.deadlineExceeded:
    case status.cancelled:
      return lost('late', 'did not answer in time', true, 'DEADLINE_EXCEEDED')
    case status.notFound:
    case status.failedPrecondition:
      return lost('notHeld', `does not serve ${key} any more`, false, 'MODEL_NOT_READY')
    case status.resourceExhausted:
      if (!/larger than|too large/i.test(reason)) return lost('busy', 'is overloaded', true, 'OVERLOADED')
  }
  return { kind: 'refused', reason, error: new PresageError('INFERENCE_FAILED', reason) }
}

function unavailable(
  code: ErrorCode | undefined,
  reason: string,
  lost: (kind: FailureKind, why: string, rowsSuspected: boolean, outcome?: ErrorCode) => CallFailure,
): CallFailure {
  if (code === 'OVERLOADED') return lost('busy', 'is overloaded', true, code)
  if (code === 'DEADLINE_EXCEEDED') return lost('late', 'did not answer in time', true, code)
  if (code === 'MODEL_NOT_READY') return lost('notHeld', 'does not serve the version any more', false, code)
  if (code === 'SHUTTING_DOWN') return lost('gone', 'is shutting down', false)
  // As Triton says it.
  if (/exceeds maximum queue size/i.test(reason)) return lost('busy', 'is overloaded', true, 'OVERLOADED')
  // The rows were never sent, so that they cannot have done any harm.
  const wasSent = !/^No connection established/.test(reason)
  return lost('gone', wasSent ? 'was lost: its connection ended' : 'was lost: it cannot be reached', wasSent)
}

/** The code of a Presage worker's error. */
function codeOf(error: ServiceError): ErrorCode | undefined {
  const code = error.metadata?.get(codeTrailer)[0]
  return typeof code === 'string' && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : undefined
}
