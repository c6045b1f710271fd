import type { Clock } from '../../lib/clock'
import { PlainError } from '../../lib/errors'
import type { Log, LogFields } from '../../lib/log'

/**
 * Logs errors whole, with stack and cause, or as the line that says everything, but at most `perSecond` of them. A
 * failing subgraph can fail once per row, and logging all of that must not bring the process down.
 */
export type ErrorLog = (error: unknown, fields?: LogFields) => void

export interface ErrorLogOptions {
  readonly perSecond?: number
  /** What stands before an error that is written whole. */
  readonly message?: string
}

export function createErrorLog(
  log: Log,
  clock: Clock,
  { perSecond = 20, message = 'internal error' }: ErrorLogOptions = {},
): ErrorLog {
  let windowStart = Number.NEGATIVE_INFINITY
  let written = 0
  let left = 0
  return (error, fields) => {
    const now = clock.now()
    if (now - windowStart >= 1000) {
      if (left > 0) log.write('error', `${message}: ${left} more were not logged`)
      windowStart = now
      written = 0
      left = 0
    }
    if (written >= perSecond) {
      left++
      return
    }
    written++
    if (error instanceof PlainError) log.write('error', error.line, fields)
    else log.write('error', message, { ...fields, error })
  }
}
