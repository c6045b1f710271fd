import { performance } from 'node:perf_hooks'

/**
 * How long the process has rested: nothing ran on the event loop, and nothing waited for one of its own workers. A loop that waits for workers
 * that have more than they can do is as busy as they are.
 */
export class IdleTime {
  private waiting = 0
  private lost = 0
  private since = 0

  /** `idle` tells how long the event loop has had nothing to run so far, in milliseconds. */
  constructor(private readonly idle: () => number) {}

  /** From now on something waits here, until `waits(false)`; each who says so says both, by turns. */
  waits(isWaiting: boolean): void {
    if (isWaiting) {
      if (this.waiting++ === 0) this.since = this.idle()
    } else if (--this.waiting === 0) this.lost += this.idle() - this.since
  }

  /** In milliseconds, so far. */
  ms(): number {
    const idle = this.idle()
    return (this.waiting > 0 ? this.since : idle) - this.lost
  }
}

/** This process's, or thread's. */
export const idleTime = new IdleTime(() => performance.eventLoopUtilization().idle)
