import { availableParallelism } from 'node:os'
import type { Clock } from '../../lib/clock'

/** How often the load is measured, in milliseconds. */
const everyMs = 1_000

/**
 * The load of this process in the text form of ORCA (Open Request Cost Aggregation), as Envoy and others read it, measured
 * each second: CPU as a share of the cores, requests and failed requests a second, and rows that wait.
 */
export class LoadReport {
  /** For the header. */
  text = 'TEXT cpu_utilization=0,rps_fractional=0,eps=0,named_metrics.queued_rows=0'
  private requests = 0
  private failures = 0
  private cpu = process.cpuUsage()
  private since: number
  private cancel = () => {}

  constructor(
    private readonly clock: Clock,
    private readonly queuedRows: () => number,
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
    const parts = [
      `cpu_utilization=${share.toFixed(3)}`,
      `rps_fractional=${(this.requests / seconds).toFixed(1)}`,
      `eps=${(this.failures / seconds).toFixed(1)}`,
      `named_metrics.queued_rows=${this.queuedRows()}`,
    ]
    this.text = `TEXT ${parts.join(',')}`
    this.cpu = process.cpuUsage()
    this.since = now
    this.requests = 0
    this.failures = 0
  }
}
