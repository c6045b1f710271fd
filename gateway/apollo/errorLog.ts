import type { Clock } from '../../lib/clock'
import type { Log, LogFields } from '../../lib/log'

/**
 * Writes errors whole, stack and cause included, but at most `perSecond` of them: a failing subgraph fails once a row,
 * and writing that down must not be what stops the process.
 */
export type ErrorLog = (error: unknown, fields?: LogFields) => void

export function createErrorLog(log: Log, clock: Clock, perSecond = 20): ErrorLog {
  let windowStart = Number.NEGATIVE_INFINITY
  let written = 0
  let left = 0
  return (error, fields) => {
    const now = clock.now()
    if (now - windowStart >= 1000) {
      if (left > 0) log.write('error', `${left} more internal errors were not written`)
      windowStart = now
      written = 0
      left = 0
    }
    if (written >= perSecond) {
      left++
      return
    }
    written++
    log.write('error', 'internal error', { ...fields, error })
  }
}
