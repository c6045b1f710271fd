import type { Metrics } from '../../lib/metrics'
import type { Objective } from '../../models/contracts/objective'
import type { DecidedRows } from '../requests/answered'
import type { MeasureSettings } from './measures'
import { Pair } from './pair'
import type { ShadowOutcome } from './shadowOutcomes'

export interface ComparisonSettings extends MeasureSettings {
  /** Pairs that are kept; of more, those that were longest without a row go. */
  readonly maxPairs: number
  /** Worst rows that are kept by pair and output: they show inputs and answers, which may be personal. */
  readonly examples: number
}

/** Answers of two versions to the same rows. */
export interface ComparedRows {
  readonly objective: Objective
  /** `name@version` that answered the client; by row, where a fallback did. */
  readonly answered: string
  readonly by?: readonly (string | undefined)[]
  /** `name@version` */
  readonly shadow: string
  readonly request: string
  readonly rows: Pick<DecidedRows, 'inputs' | 'rows' | 'wanted'>
  readonly answers: Readonly<Record<string, readonly unknown[]>>
  readonly shadows: Readonly<Record<string, readonly unknown[]>>
  /** By row, at the shadow. */
  readonly outcomes: readonly ShadowOutcome[]
  /** How long the shadow took for these rows, in milliseconds, and how long the answer did, fallbacks included. */
  readonly shadowMs: number
  readonly answeredMs: number
}

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

/** Compares shadows with those that answered: in memory, by objective and pair of versions, since the start or the last reset. */
export class ShadowComparisons {
  private readonly pairs = new Map<string, Pair>()

  constructor(
    private readonly settings: ComparisonSettings,
    private readonly metrics: Metrics,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {}

  record(compared: ComparedRows): void {
    for (const answered of new Set(compared.by ?? [undefined]))
      this.pair(compared, answered ?? compared.answered).record(compared)
  }

  /** By objective, then by versions. */
  list(objective?: string): readonly PairComparison[] {
    return [...this.pairs.entries()]
      .filter(([, pair]) => objective === undefined || pair.objective.name === objective)
      .sort(([one], [two]) => (one < two ? -1 : 1))
      .map(([, pair]) => pair.summary())
  }

  /** Forgets what has been compared; metrics go on. */
  reset(objective?: string): void {
    for (const [key, pair] of this.pairs)
      if (objective === undefined || pair.objective.name === objective) this.pairs.delete(key)
  }

  private pair({ objective, shadow }: ComparedRows, answered: string): Pair {
    const key = `${objective.name} ${answered} ${shadow}`
    let pair = this.pairs.get(key)
    // A contract may have been replaced by one with other outputs.
    if (pair === undefined || pair.objective !== objective)
      pair = new Pair(objective, answered, shadow, this.settings, this.metrics, this.now())
    this.pairs.delete(key)
    this.pairs.set(key, pair)
    for (const oldest of this.pairs.keys()) {
      if (this.pairs.size <= this.settings.maxPairs) break
      this.pairs.delete(oldest)
    }
    return pair
  }
}
