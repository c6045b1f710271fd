import type { Clock } from '../clock'

/**
 * One timer for many times, nearly all of which are cancelled before they come. It is set for the earliest; if nothing
 * is due then, `look` sets it for the next. A timer per time would cost more.
 */
export class EarliestTimer {
  private at = Number.POSITIVE_INFINITY
  private cancel = () => {}

  constructor(
    private readonly clock: Clock,
    /** Called when the earliest time has come. The timer is then no longer set. */
    private readonly look: () => void,
  ) {}

  /** Adds a time, in the clock's milliseconds; Infinity is ignored. */
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
