import { inspect } from 'node:util'
import type { Clock } from '../lib/clock'

/**
 * Writes errors whole, stack and cause included, but at most `perSecond` of them: a failing subgraph fails once a row,
 * and writing that down must not be what stops the process.
 */
export function createErrorLog(
  write: (text: string) => void,
  clock: Clock,
  perSecond = 20,
): (error: unknown) => void {
  let windowStart = Number.NEGATIVE_INFINITY
  let written = 0
  let left = 0
  return (error) => {
    const now = clock.now()
    if (now - windowStart >= 1000) {
      if (left > 0) write(`gateway: ${left} more internal errors were not written\n`)
      windowStart = now
      written = 0
      left = 0
    }
    if (written >= perSecond) {
      left++
      return
    }
    written++
    write(`gateway: internal error: ${inspect(error)}\n`)
  }
}
