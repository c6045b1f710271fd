import { type ErrorCode, PresageError } from '../../lib/errors'
import { WorkerLost } from '../runtime/workerLost'
import { type CallError, callStatus } from './callError'

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

/** Reads the error of a call for rows of a version. */
export function callFailure(worker: string, key: string, error: CallError): CallFailure {
  const { status, message: reason, wasSent } = error
  const lost = (kind: FailureKind, why: string, rowsSuspected: boolean, outcome?: ErrorCode) => ({
    kind,
    reason,
    error: new WorkerLost(`worker ${worker} (remote) ${why}`, rowsSuspected, outcome),
  })
  const busy = () => lost('busy', 'is overloaded', true, 'OVERLOADED')
  const late = () => lost('late', 'did not answer in time', true, 'DEADLINE_EXCEEDED')
  const notHeld = () => lost('notHeld', `does not serve ${key} any more`, false, 'MODEL_NOT_READY')
  switch (error.code) {
    case 'OVERLOADED':
      return busy()
    case 'DEADLINE_EXCEEDED':
      return late()
    case 'MODEL_NOT_READY':
    case 'MODEL_NOT_FOUND':
      return notHeld()
    case 'SHUTTING_DOWN':
      return lost('gone', 'is shutting down', false)
  }
  switch (status) {
    case callStatus.unavailable:
      // As Triton says it.
      if (/exceeds maximum queue size/i.test(reason)) return busy()
      // Rows that were never sent cannot have done any harm.
      return lost('gone', `was lost: it ${wasSent ? 'did not answer' : 'cannot be reached'}`, wasSent)
    case callStatus.deadlineExceeded:
    case callStatus.cancelled:
      return late()
    case callStatus.notFound:
    case callStatus.failedPrecondition:
      return notHeld()
    case callStatus.resourceExhausted:
      if (!/larger than|too large/i.test(reason)) return busy()
  }
  return { kind: 'refused', reason, error: new PresageError('INFERENCE_FAILED', reason) }
}
