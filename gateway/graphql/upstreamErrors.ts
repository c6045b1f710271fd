import { PresageError } from '../../lib/errors'

/**
 * The error for a subgraph that failed to answer. Clients learn which subgraph; the reason goes to the log, as `cause`.
 * Without a cause, nothing is logged.
 */
export function upstreamFailed(subgraph: string, cause: unknown): PresageError {
  const error = new PresageError(
    'UPSTREAM_FAILED',
    `subgraph ${subgraph}: expected an answer, but it failed`,
    { subgraph },
  )
  error.cause = cause
  return error
}

/** The error for a subgraph that exceeded its own timeout while the request still had time. */
export function upstreamTimedOut(subgraph: string, timeoutMs: number): PresageError {
  return new PresageError('UPSTREAM_FAILED', `subgraph ${subgraph}: no answer within ${timeoutMs} ms`, {
    subgraph,
  })
}

export function deadlineExceeded(subgraph: string): PresageError {
  return new PresageError(
    'DEADLINE_EXCEEDED',
    `subgraph ${subgraph}: no answer before the request's deadline`,
    { subgraph },
  )
}

export function clientGone(): PresageError {
  return new PresageError('CANCELLED', 'the client has gone')
}

/** All data was there, but the deadline passed before the response was written. */
export function answerTooLate(): PresageError {
  return new PresageError('DEADLINE_EXCEEDED', "the answer was not written before the request's deadline")
}
