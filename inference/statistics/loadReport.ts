import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Clock } from '../../lib/clock'
import { BusiestVersion } from './busiestVersion'

/** How often the load is measured, in milliseconds. */
const everyMs = 1_000

/**
 * The load of this process in the text form of ORCA (Open Request Cost Aggregation), as Envoy and others read it, measured
 * each second: CPU as a share of the cores, requests and failed requests a second, rows that wait, and the version that
 * kept it busiest.
 */
export class LoadReport {
  /** For the header. */
  text = 'TEXT cpu_utilization=0,rps_fractional=0,eps=0,named_metrics.queued_rows=0'
  private requests = 0
  private failures = 0
  /** What requests cost. */
  readonly uses = new BusiestVersion()
  private cpu = process.cpuUsage()
  private loop = performance.eventLoopUtilization()
  private since: number
  private cancel = () => {}

  constructor(
    private readonly clock: Clock,
    private readonly queuedRows: () => number,
    /** How many runs can be made at once. */
    private readonly lanes: () => number,
  ) {
    this.since = clock.now()
    this.measureLater()
  }

  count(isFailure: boolean): void {
    this.requests++
    if (isFailure) this.failures++
  }

  dispose(): void {
    this.cancel()
  }

  private measureLater(): void {
    this.cancel = this.clock.after(everyMs, () => {
      this.measure()
      this.measureLater()
    })
  }

  private measure(): void {
    const now = this.clock.now()
    const seconds = (now - this.since) / 1000
    const { user, system } = process.cpuUsage(this.cpu)
    const share = (user + system) / 1e6 / seconds / availableParallelism()
    const { utilization } = performance.eventLoopUtilization(this.loop)
    const parts = [
      `cpu_utilization=${share.toFixed(3)}`,
      `rps_fractional=${(this.requests / seconds).toFixed(1)}`,
      `eps=${(this.failures / seconds).toFixed(1)}`,
      `named_metrics.queued_rows=${this.queuedRows()}`,
      ...this.uses.take(now - this.since, this.lanes(), utilization),
    ]
    this.text = `TEXT ${parts.join(',')}`
    this.cpu = process.cpuUsage()
    this.loop = performance.eventLoopUtilization()
    this.since = now
    this.requests = 0
    this.failures = 0
  }
}
