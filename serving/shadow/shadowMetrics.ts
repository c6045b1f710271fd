import type { Metrics } from '../../lib/metrics'
import type { ShadowOutcome } from './shadowOutcomes'

/**
 * Why rows were not sent to a shadow: there is no answer to compare with, too many rows are in flight, no worker is
 * free or clients wait for one, the version is not ready here, or the process ends.
 */
export type DropReason = 'no-answer' | 'too-many-rows' | 'busy' | 'not-ready' | 'shutting-down'

/** Counts the rows of shadows, separately from those of clients. */
export class ShadowMetrics {
  constructor(private readonly metrics: Metrics) {}

  /** Counts rows sent to a shadow, and how many milliseconds that took. Returns the rows by outcome. */
  count(
    objective: string,
    model: string,
    outcomes: readonly ShadowOutcome[],
    ms: number,
  ): Readonly<Partial<Record<ShadowOutcome, number>>> {
    const counts: Partial<Record<ShadowOutcome, number>> = {}
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
    for (const [outcome, rows] of Object.entries(counts)) this.countRows(objective, model, outcome, rows)
    const help = 'Time that a shadow took to answer a group of rows.'
    this.metrics.histogram('presage_shadow_duration_seconds', help, { objective, model }).observe(ms / 1000)
    return counts
  }

  /** Counts rows that failed with an unexpected error. */
  fail(objective: string, model: string, rows: number): void {
    this.countRows(objective, model, 'failed', rows)
  }

  drop(objective: string, model: string, reason: DropReason, rows: number): void {
    const help = 'Rows that were not sent to a shadow, by reason.'
    this.metrics.counter('presage_shadow_dropped_total', help, { objective, model, reason }).inc(rows)
  }

  private countRows(objective: string, model: string, outcome: string, rows: number): void {
    const help = 'Rows sent to a shadow, by outcome.'
    this.metrics.counter('presage_shadow_rows_total', help, { objective, model, outcome }).inc(rows)
  }
}
