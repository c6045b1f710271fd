import type { Metrics } from '../../lib/metrics'
import { type ComparisonSettings, Pair } from './pair'
import type { PairComparison } from './pairComparison'
import type { ShadowedRows } from './shadows'

/** Compares shadows with the versions that answered, in memory, since the start or the last reset. */
export class ShadowComparisons {
  private readonly pairs = new Map<string, Pair>()

  constructor(
    private readonly settings: ComparisonSettings,
    private readonly metrics: Metrics,
  ) {}

  record(compared: ShadowedRows): void {
    const { fallback, decision } = compared.rows
    for (const answered of new Set(fallback?.by ?? [undefined]))
      this.pair(compared, answered ?? decision.model).record(compared)
  }

  /** By objective, then by versions. */
  list(objective?: string): readonly PairComparison[] {
    return [...this.pairs.entries()]
      .filter(([, pair]) => objective === undefined || pair.objective.name === objective)
      .sort(([one], [two]) => (one < two ? -1 : 1))
      .map(([, pair]) => pair.summary())
  }

  /** Drops the comparisons so far. Metrics continue. */
  reset(objective?: string): void {
    for (const [key, pair] of this.pairs)
      if (objective === undefined || pair.objective.name === objective) this.pairs.delete(key)
  }

  private pair({ objective, model: shadow }: ShadowedRows, answered: string): Pair {
    const key = `${objective.name} ${answered} ${shadow}`
    let pair = this.pairs.get(key)
    // A contract may have been replaced by one with other outputs.
    if (pair === undefined || pair.objective !== objective)
      pair = new Pair(objective, answered, shadow, this.settings, this.metrics, Date.now())
    this.pairs.delete(key)
    this.pairs.set(key, pair)
    for (const oldest of this.pairs.keys()) {
      if (this.pairs.size <= this.settings.maxPairs) break
      this.pairs.delete(oldest)
    }
    return pair
  }
}
