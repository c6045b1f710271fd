import { type Clock, systemClock } from '../lib/clock'
import type { Metrics } from '../lib/metrics'

/**
 * Observes how long due events wait for the event loop: a virtual event is due every 10 ms, and after a long turn each
 * missed one counts with its own delay. The distribution is therefore that of events at arbitrary times. Node's monitor
 * counts a long turn once, and adds its own period to every delay. Returns a function that ends the observation.
 */
export function watchEventLoopDelay(metrics: Metrics, clock: Clock = systemClock): () => void {
  const delay = metrics.histogram(
    'presage_event_loop_delay_seconds',
    'How long due timers wait for the event loop.',
  )
  let due = clock.now() + periodMs
  let cancel = () => {}
  const look = () => {
    const now = clock.now()
    // Bounds the loop after the machine was asleep.
    due = Math.max(due, now - longestMs)
    for (; due <= now; due += periodMs) delay.observe((now - due) / 1000)
    wait()
  }
  // Rounded up, because timers have whole milliseconds and must not fire early.
  const wait = () => {
    cancel = clock.after(Math.ceil(due - clock.now()), look)
  }
  wait()
  return () => cancel()
}

const periodMs = 10
const longestMs = 10_000
