/** The answer of `GET /console/metrics`. */
export interface MetricsAnswer {
  /**
   * Whose metrics these are: this process's, those of all that serve together here, those of a gateway or of the
   * platform's own process, which predict nothing themselves, or of all that a Prometheus reads.
   */
  readonly source: 'process' | 'processes' | 'gateway' | 'platform' | 'prometheus'
  /** Milliseconds since 1970, as all times. */
  readonly now: number
  readonly stepMs: number
  /** The ends of the steps, ascending. */
  readonly times: readonly number[]
  readonly series: readonly AnsweredSeries[]
}

/**
 * Values are by step. A counter's are null only where no process was there to count. Others are null where the series
 * did not exist yet, or nothing was measured.
 */
export type AnsweredSeries = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Set for the sum of the series that `top` leaves out. */
  readonly other?: true
} & (
  | {
      readonly kind: 'counter' | 'gauge'
      /** A counter's increase in the step; a gauge's value at its end. */
      readonly values: readonly (number | null)[]
    }
  | {
      readonly kind: 'histogram'
      readonly count: readonly (number | null)[]
      /** In seconds. */
      readonly p50: readonly (number | null)[]
      readonly p99: readonly (number | null)[]
    }
)
