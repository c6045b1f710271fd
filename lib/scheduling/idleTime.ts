import { performance } from 'node:perf_hooks'

/**
 * How long the process was idle: nothing ran on the event loop, and nothing waited for one of its own workers. An event
 * loop that waits for overloaded workers counts as busy.
 */
export class IdleTime {
  private waiting = 0
  private lost = 0
  private since = 0

  constructor(
    /** How long nothing ran on the event loop so far, in milliseconds. */
    readonly idle: () => number,
  ) {}

  /** Call with true when something begins to wait, and with false when that wait is over. */
  waits(isWaiting: boolean): void {
    if (isWaiting) {
      if (this.waiting++ === 0) this.since = this.idle()
    } else if (--this.waiting === 0) this.lost += this.idle() - this.since
  }

  /** The idle time so far, in milliseconds. */
  ms(): number {
    const idle = this.idle()
    return (this.waiting > 0 ? this.since : idle) - this.lost
  }
}

/** That of this process or thread. */
export const idleTime = new IdleTime(() => performance.eventLoopUtilization().idle)
