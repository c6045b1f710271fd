import { memoized } from '../../lib/memoized'
import { busiestMetric, busiestWaitMetric } from '../../workers/protocol/trailers'

/** Which version has kept a worker busiest since the last report, and how long its requests waited there. */
export class BusiestVersion {
  private readonly uses = new Map<string, Use>()
  private readonly useOf = memoized((): Use => ({ requests: 0, waitMs: 0, busyMs: 0 }), this.uses)

  /** Records a request: how long its rows waited, and its part of the time of the runs that it was in, in milliseconds. */
  count(key: string, waitMs: number, busyMs: number): void {
    const use = this.useOf(key)
    use.requests++
    use.waitMs += waitMs
    use.busyMs += busyMs
  }

  /**
   * Metrics for a report of the last `ms` milliseconds, in which `lanes` runs could be made at once and the event loop
   * was busy for the share `loop` of the time. Starts anew. Empty if nothing ran.
   */
  take(ms: number, lanes: number, loop: number): readonly string[] {
    let busiest: [string, Use] | undefined
    let busyMs = 0
    for (const entry of this.uses) {
      busyMs += entry[1].busyMs
      if (busiest === undefined || entry[1].busyMs > busiest[1].busyMs) busiest = entry
    }
    this.uses.clear()
    if (busiest === undefined || busyMs === 0) return []
    const [key, use] = busiest
    // What is busy first is the limit: small models cost the event loop more than their runs take.
    const part = Math.min(1, Math.max(loop, busyMs / (ms * lanes))) * (use.busyMs / busyMs)
    const waitSeconds = use.waitMs / use.requests / 1000
    return [`${busiestMetric}${key}=${part.toFixed(3)}`, `${busiestWaitMetric}=${waitSeconds.toFixed(3)}`]
  }
}

interface Use {
  requests: number
  waitMs: number
  busyMs: number
}
