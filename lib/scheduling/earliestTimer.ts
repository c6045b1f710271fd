import type { Clock } from '../clock'

/**
 * One timer for many times, of which nearly all are taken back before they come: it is set for the earliest, and whoever finds nothing
 * due then has it set for the next. To set a timer for each and take it back costs more than that.
 */
export class EarliestTimer {
  private at = Number.POSITIVE_INFINITY
  private cancel = () => {}

  constructor(
    private readonly clock: Clock,
    /** Called when the earliest time has come; the timer is not set any more then. */
    private readonly look: () => void,
  ) {}

  /** `at`, in the clock's milliseconds, is one of the times; Infinity is none. */
  watch(at: number): void {
    if (at >= this.at) return
    this.cancel()
    this.at = at
    this.cancel = this.clock.after(Math.max(0, at - this.clock.now()), this.ring)
  }

  stop(): void {
    this.cancel()
  }

  private readonly ring = (): void => {
    this.at = Number.POSITIVE_INFINITY
    this.look()
  }
}
