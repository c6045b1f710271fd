import type { Clock } from '../../lib/clock'
import type { HttpAnswer } from './graphqlAnswer'

export interface RetryOptions {
  /** How often to try again after the first attempt. */
  readonly retries: number
  /** When the last caller stops waiting, in the clock's milliseconds; may grow meanwhile. */
  cutoff(): number
  readonly signal: AbortSignal
  readonly clock: Clock
  /** From 0 to below 1. */
  random(): number
}

/**
 * Sends until there is a usable answer: retries after a lost connection or a temporary status, with exponential backoff
 * and jitter, and never past the cutoff. If retries run out, the last outcome counts.
 */
export async function retrying(
  send: (signal: AbortSignal) => Promise<HttpAnswer>,
  options: RetryOptions,
): Promise<HttpAnswer> {
  const { retries, signal, clock } = options
  for (let attempt = 0; ; attempt++) {
    let outcome: HttpAnswer | undefined
    let failure: unknown
    try {
      outcome = await send(signal)
      if (!passingStatuses.has(outcome.status)) return outcome
    } catch (error) {
      failure = error
      if (!isConnectionLoss(error)) throw error
    }
    const pauseMs = backoff(attempt, options.random())
    if (attempt >= retries || signal.aborted || clock.now() + pauseMs >= options.cutoff()) {
      if (outcome !== undefined) return outcome
      throw failure
    }
    await pause(pauseMs, signal, clock)
  }
}

/** From a proxy whose server is away, or from a server that is overloaded or shutting down. */
const passingStatuses: ReadonlySet<number> = new Set([502, 503, 504])

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

function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && 'code' in error && connectionLosses.has(error.code)
}

/** From 25 to 50 ms before the first retry, twice that before the next, and so on up to a second. */
function backoff(attempt: number, random: number): number {
  return Math.min(50 * 2 ** attempt, 1000) * (0.5 + random / 2)
}

function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel()
      reject(signal.reason)
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
