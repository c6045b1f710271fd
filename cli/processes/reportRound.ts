import { defer } from '../../lib/scheduling/deferred'
import type { MetricReport } from '../../telemetry/prometheus'

type Report = readonly MetricReport[]

/** Gathers what each process has measured. One that does not answer in time is left out. */
export class ReportRound {
  private static last = 0
  readonly id = ++ReportRound.last
  private readonly ending = defer<readonly Report[]>()
  /** Resolves with what has come, at the latest after a second. */
  readonly over = this.ending.promise
  private readonly reports: Report[] = []

  constructor(private missing: number) {
    const timer = setTimeout(() => this.end(), mostMs)
    this.over.then(() => clearTimeout(timer))
    if (missing === 0) this.end()
  }

  add(id: number, report: Report): void {
    if (id !== this.id) return
    this.reports.push(report)
    this.left()
  }

  /** A process will not answer. */
  left(): void {
    if (--this.missing <= 0) this.end()
  }

  private end(): void {
    this.ending.resolve(this.reports)
  }
}

const mostMs = 1_000
