import { type Clock, systemClock } from '../lib/clock'
import type { Metrics } from '../lib/metrics'

/**
 * Observes how long this process lets wait what falls due: every 10 ms on a fixed grid something does, and what a long
 * turn of the event loop has missed counts with the time that it has waited, each. So the distribution is that of whoever comes at
 * any time; Node's own monitor counts a long turn once, and its period of 10 ms along with every delay. Returns how to end it.
 */
export function watchEventLoopDelay(metrics: Metrics, clock: Clock = systemClock): () => void {
  const delay = metrics.histogram(
    'presage_event_loop_delay_seconds',
    'How long what falls due waits for the event loop.',
  )
  let due = clock.now() + periodMs
  let cancel = () => {}
  const look = () => {
    const now = clock.now()
    // After a machine that slept there would be no end.
    due = Math.max(due, now - longestMs)
    for (; due <= now; due += periodMs) delay.observe((now - due) / 1000)
    wait()
  }
  // A timer of whole milliseconds would come before its time.
  const wait = () => {
    cancel = clock.after(Math.ceil(due - clock.now()), look)
  }
  wait()
  return () => cancel()
}

const periodMs = 10
const longestMs = 10_000
