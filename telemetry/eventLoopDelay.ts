import { type Clock, systemClock } from '../lib/clock'
import type { Histogram, Metrics } from '../lib/metrics'

/** Takes about 0.2 % of a core from an idle process. */
const periodMs = 20
const longestMs = 10_000

/**
 * Observes how long due events wait for the event loop: a virtual event is due every 20 ms, and after a long turn
 * each missed one counts with its own delay. The distribution is therefore that of events at arbitrary times. Node's
 * monitor counts a long turn once, and adds its own period to every delay.
 */
export class EventLoopWatch {
  private readonly delay: Histogram
  private due: number
  private cancel = () => {}

  constructor(
    metrics: Pick<Metrics, 'histogram'>,
    private readonly clock: Clock = systemClock,
  ) {
    const help = 'How long due timers wait for the event loop.'
    this.delay = metrics.histogram('presage_event_loop_delay_seconds', help)
    this.due = clock.now() + periodMs
    this.wait()
  }

  stop(): void {
    this.cancel()
  }

  private readonly look = (): void => {
    const { clock, delay } = this
    const now = clock.now()
    // Bounds the loop after the machine was asleep.
    let due = Math.max(this.due, now - longestMs)
    for (; due <= now; due += periodMs) delay.observe((now - due) / 1000)
    this.due = due
    this.wait()
  }

  /** Rounded up, because timers must not fire early. */
  private wait(): void {
    this.cancel = this.clock.after(Math.ceil(this.due - this.clock.now()), this.look)
  }
}
