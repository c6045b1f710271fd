import type { Clock } from '../../lib/clock'

/** Is given the error when the subgraph cannot be reached, and undefined when it answers again. */
export type ReachListener = (error: Error | undefined) => void

export interface Reach {
  answered(): void
  lost(error: Error): void
}

/** A subgraph that comes and goes is reported at most this often, in milliseconds. */
const quietMs = 1000

/** Calls the listener when a subgraph is lost or back, not at each call. */
export function createReach(onReach: ReachListener, clock: Clock): Reach {
  /** Whether the listener knows it as lost. A loss so soon after another one is told if it lasts. */
  let isLost = false
  let lostAt = Number.NEGATIVE_INFINITY
  return {
    answered() {
      if (!isLost) return
      isLost = false
      onReach(undefined)
    },
    lost(error) {
      if (isLost || clock.now() - lostAt < quietMs) return
      isLost = true
      lostAt = clock.now()
      onReach(error)
    },
  }
}
