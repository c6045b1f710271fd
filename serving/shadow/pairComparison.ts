import type { ShadowOutcome } from './shadowOutcomes'

/** What is known of a shadow beside the version that answers. */
export interface PairComparison {
  readonly objective: string
  readonly answered: string
  readonly shadow: string
  /** ISO 8601; of the first row. */
  readonly since: string
  /** Rows that the shadow was asked, and those that both answered. */
  readonly rows: number
  readonly compared: number
  /** The others, by `missing-feature` or the error's code. */
  readonly failures: Readonly<Partial<Record<ShadowOutcome, number>>>
  /** Of groups of rows that were asked together. */
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
  /** The share of rows where both say the same, 0 to 1: equal labels, numbers within the tolerance, lists with the same first k. */
  readonly agreement: number
  /** Of numbers. */
  readonly meanDifference?: number
  readonly maxDifference?: number
  /** Of lists: the share of the first k that both have, on average. */
  readonly meanOverlap?: number
  /** The worst, worst first. */
  readonly examples: readonly Example[]
}

export interface Example {
  readonly request: string
  /** By the objective's inputs, each as shortened JSON. */
  readonly inputs: Readonly<Record<string, string>>
  readonly answered: string
  readonly shadow: string
}
