import type { ShadowOutcome } from './shadowOutcomes'

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

export interface Latency {
  readonly count: number
  readonly meanMs: number
  readonly maxMs: number
}

export interface OutputComparison {
  /** With the field of a record: `estimate.low`. */
  readonly output: string
  readonly count: number
  /** The share of rows on which both agree, 0 to 1: labels, numbers in tolerance, the first k of lists. */
  readonly agreement: number
  /** For numbers. */
  readonly meanDifference?: number
  readonly maxDifference?: number
  /** For lists: the share of the first k items that both contain, on average. */
  readonly meanOverlap?: number
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
