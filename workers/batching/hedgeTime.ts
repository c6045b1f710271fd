import type { RunTimes } from './runTimes'

/**
 * When to send a batch that began `now` to a second worker as well, in the clock's milliseconds; Infinity if never.
 *
 * Only once its run takes longer than most, and the time that is left is about to become too short for a second run, as
 * long as the slowest percent takes. With nothing learned yet, at half the time to the deadline.
 */
export function hedgeTime(now: number, deadline: number, expectedMs: number, times: RunTimes): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline
  const halfMs = (deadline - now) / 2
  const slow = times.quantile(0.99)
  const usual = times.quantile(0.95)
  if (slow === undefined || usual === undefined) return now + halfMs
  const needed = Math.max(2 * slow * expectedMs, Math.min(halfMs, Math.max(spareMs, halfMs / 5)))
  const at = Math.max(now + usual * expectedMs, deadline - needed)
  return at + expectedMs < deadline ? at : Number.POSITIVE_INFINITY
}

/** For timers that fire late, and for a second worker that is busy at that moment. A tenth of the time, if that is more. */
const spareMs = 100
