import type { DifferenceSummary } from './differenceSums'
import type { ShadowOutcome } from './shadowOutcomes'
import type { Latency } from './tally'

/** The comparison of a shadow with the version that answers. */
export interface PairComparison {
  readonly objective: string
  readonly answered: string
  readonly shadow: string
  /** The time of the first row, ISO 8601. */
  readonly since: string
  /** Rows sent to the shadow, and rows that both answered. */
  readonly rows: number
  readonly compared: number
  /** The other rows, by `missing-feature` or the error's code. */
  readonly failures: Readonly<Partial<Record<ShadowOutcome, number>>>
  /** Per group of rows that were sent together. */
  readonly shadowLatency: Latency
  readonly answeredLatency: Latency
  readonly outputs: readonly OutputComparison[]
}

export interface OutputComparison extends DifferenceSummary {
  readonly count: number
  /** The worst, in descending order, each with other inputs. */
  readonly examples: readonly Example[]
}

export interface Example {
  readonly request: string
  /** By the objective's inputs, each as shortened JSON. */
  readonly inputs: Readonly<Record<string, string>>
  readonly answered: string
  readonly shadow: string
}
