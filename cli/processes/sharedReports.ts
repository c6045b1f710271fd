import type { Worker } from 'node:cluster'
import { maxNames, otherName, unknownName } from '../../gateway/http/requestReport'
import type { MetricReport } from '../../telemetry/prometheus'
import { Round } from './round'

type Report = readonly MetricReport[]

/**
 * The `/metrics` of all processes that serve together: what those that run have measured, and what those that have ended
 * had counted. So no sum goes back, which Prometheus would take for a restart. Of a process that does not answer in time,
 * or ends without a last report, it is what it told last.
 */
export class SharedReports {
  private readonly round = new Round({ presage: 'measure' })
  private readonly last = new Map<Worker, Report>()
  /** The sums of all that have ended. */
  private ended: Report = []
  private text: Promise<string> | undefined
  /**
   * The operations with series of their own, as many as in one process. Each new process takes other names from clients.
   * A name stays, or its sum would go back.
   */
  private readonly operations = new Set([otherName, unknownName])

  join(worker: Worker): void {
    this.round.join(worker, () => {
      const report = (this.last.get(worker) ?? []).filter(isCounted)
      this.last.delete(worker)
      this.ended = prometheus().mergedReport([this.ended, report])
    })
  }

  add(worker: Worker, report: Report): void {
    this.last.set(
      worker,
      report.map((metric) => this.withFewNames(exact(metric))),
    )
    this.round.heard(worker)
  }

  /** Questions at the same time share a round. */
  show(): Promise<string> {
    this.text ??= new Promise<void>((resolve) => this.round.ask(resolve)).then(() => {
      this.text = undefined
      return prometheus().mergedText([...this.last.values(), this.ended])
    })
    return this.text
  }

  private withFewNames(metric: MetricReport): MetricReport {
    const values = metric.values.map((one) => {
      const { operation } = one.labels
      if (operation === undefined || this.operations.has(String(operation))) return one
      // With `(none)`, which does not count.
      if (this.operations.size > maxNames) return { ...one, labels: { ...one.labels, operation: otherName } }
      this.operations.add(String(operation))
      return one
    })
    return { ...metric, values }
  }
}

/** A gauge says what is, which ends with its process. */
function isCounted({ type }: MetricReport): boolean {
  return ['counter', 'histogram'].includes(String(type))
}

/**
 * The same rounded down to 2^-26, about 15 ns in seconds. Sums of such values are exact, so they do not depend on the
 * order: a sum that is less by its last bit is a restart for Prometheus.
 */
function exact(metric: MetricReport): MetricReport {
  const values = metric.values.map((one) => ({ ...one, value: Math.floor(one.value * 2 ** 26) / 2 ** 26 }))
  return { ...metric, values }
}

/** Loaded when it is needed. */
function prometheus(): typeof import('../../telemetry/prometheus') {
  return require('../../telemetry/prometheus')
}
