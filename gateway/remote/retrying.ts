import type { Clock } from '../../lib/clock'
import type { Done } from './connectionPool'

export interface RetryOptions {
  /** How often to try again after the first attempt. */
  readonly retries: number
  /** When the last caller stops waiting, in the clock's milliseconds; may grow meanwhile. */
  cutoff(): number
  readonly clock: Clock
  /** From 0 to below 1. */
  random(): number
}

/**
 * Sends until there is a usable answer: retries after a lost connection or a temporary status, with exponential backoff
 * and jitter, and never past the cutoff. If retries run out, the last outcome counts. `send` returns a function that
 * aborts, as this does.
 */
export function retrying(
  send: (done: Done) => () => void,
  { retries, cutoff, clock, random }: RetryOptions,
  done: Done,
): () => void {
  let attempt = 0
  let abort = () => {}
  const begin = () => {
    abort = send((error, answer) => {
      const mayPass = answer === undefined ? isConnectionLoss(error) : passingStatuses.has(answer.status)
      const pauseMs = mayPass ? backoff(attempt, random()) : 0
      if (!mayPass || attempt >= retries || clock.now() + pauseMs >= cutoff()) {
        done(error, answer)
        return
      }
      attempt++
      abort = clock.after(pauseMs, begin)
    })
  }
  begin()
  return () => abort()
}

/** From a proxy whose server is away, or from a server that is overloaded or shutting down. */
export const passingStatuses: ReadonlySet<number> = new Set([502, 503, 504])

const connectionLosses: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])

/** Whether no connection to the server could be made or kept. */
export function isConnectionLoss(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && connectionLosses.has(error.code)
}

/** From 25 to 50 ms before the first retry, twice that before the next, and so on up to a second. */
function backoff(attempt: number, random: number): number {
  return Math.min(50 * 2 ** attempt, 1000) * (0.5 + random / 2)
}
