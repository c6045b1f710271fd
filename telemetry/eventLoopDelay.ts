import { performance } from 'node:perf_hooks'
import { type Clock, systemClock } from '../lib/clock'
import type { Histogram, Metrics } from '../lib/metrics'

const periodMs = 10
const quietPeriodMs = 500
/** It looks less often after a second with little work, until two quiet periods in a row have more. */
const secondMs = 1000
/** The share of the time that counts as little work. */
const littleWork = 0.05
const longestMs = 10_000

/**
 * Observes how long due events wait for the event loop: a virtual event is due every 10 ms, and after a long turn each
 * missed one counts with its own delay. The distribution is therefore that of events at arbitrary times. Node's monitor
 * counts a long turn once, and adds its own period to every delay.
 *
 * While there is little to do, it looks less often, so that an idle process stays idle: the events of that time count
 * as if all work had come in one turn. `busyMs` returns how long the event loop has worked so far.
 */
export class EventLoopWatch {
  private readonly delay: Histogram
  private due: number
  private isQuiet = false
  /** Whether there was more than a little work when it was decided last. */
  private wasBusy = true
  /** How long the event loop had worked at the last look, and when it was decided how often to look. */
  private busy: number
  private busyBefore: number
  private decidedAt: number
  private cancel = () => {}

  constructor(
    metrics: Metrics,
    private readonly clock: Clock = systemClock,
    private readonly busyMs: () => number = () => performance.eventLoopUtilization().active,
  ) {
    const help = 'How long due timers wait for the event loop.'
    this.delay = metrics.histogram('presage_event_loop_delay_seconds', help)
    this.decidedAt = clock.now()
    this.due = this.decidedAt + periodMs
    this.busy = busyMs()
    this.busyBefore = this.busy
    this.wait()
  }

  stop(): void {
    this.cancel()
  }

  private readonly look = (): void => {
    const { clock, delay, isQuiet } = this
    const now = clock.now()
    const busy = this.busyMs()
    const worked = busy - this.busy
    this.busy = busy
    // Bounds the loop after the machine was asleep.
    let due = Math.max(this.due, now - longestMs)
    for (; due <= now; due += periodMs) {
      const waited = now - due
      delay.observe(isQuiet && waited > worked ? 0 : waited / 1000)
    }
    this.due = due
    if (isQuiet || now - this.decidedAt >= secondMs) this.decide(now)
    this.wait()
  }

  private decide(now: number): void {
    const isBusy = this.busy - this.busyBefore >= (now - this.decidedAt) * littleWork
    // One period with more may be a garbage collection, or something else that runs from time to time.
    this.isQuiet = !isBusy || (this.isQuiet && !this.wasBusy)
    this.wasBusy = isBusy
    this.decidedAt = now
    this.busyBefore = this.busy
  }

  /** Looks when the last event of the period is due: rounded up, because timers must not fire early. */
  private wait(): void {
    const at = this.isQuiet ? this.due + quietPeriodMs - periodMs : this.due
    this.cancel = this.clock.after(Math.ceil(at - this.clock.now()), this.look)
  }
}
