import type { Metrics } from '../../lib/metrics'
import type { Objective } from '../../models/contracts/objective'
import { type MeasureSettings, measuresOf } from './measures'
import { OutputSums } from './outputSums'
import type { PairComparison } from './pairComparison'
import type { ShadowOutcome } from './shadowOutcomes'
import type { ShadowedRows } from './shadows'
import { Tally } from './tally'

export interface ComparisonSettings extends MeasureSettings {
  /** How many pairs to keep; beyond that, those without rows for longest are dropped. */
  readonly maxPairs: number
  /** How many of the worst rows to keep per pair and output. They may hold personal data. */
  readonly examples: number
}

/** The sums for one objective, the version that answers it, and one shadow. */
export class Pair {
  private readonly outputs = new Map<string, readonly OutputSums[]>()
  private readonly failures: Partial<Record<ShadowOutcome, number>> = {}
  private readonly shadowTimes = new Tally()
  private readonly answeredTimes = new Tally()
  private rows = 0
  private compared = 0

  constructor(
    readonly objective: Objective,
    private readonly answered: string,
    private readonly shadow: string,
    settings: ComparisonSettings,
    metrics: Metrics,
    private readonly begun: number,
  ) {
    const labels = { objective: objective.name, answered, shadow }
    for (const output of objective.outputs) {
      const measures = measuresOf(output, settings)
      this.outputs.set(
        output.name,
        measures.map((measure) => new OutputSums(measure, settings.examples, metrics, labels)),
      )
    }
  }

  record(compared: ShadowedRows): void {
    const { outcomes } = compared
    const { rows, wanted, decision, fallback } = compared.rows
    this.shadowTimes.add(compared.ms)
    this.answeredTimes.add(compared.rows.ms)
    const both: number[] = []
    for (let row = 0; row < rows; row++) {
      if ((fallback?.by[row] ?? decision.model) !== this.answered) continue
      this.rows++
      const outcome = outcomes[row]
      if (outcome === 'answered') both.push(row)
      else this.failures[outcome] = (this.failures[outcome] ?? 0) + 1
    }
    this.compared += both.length
    for (const output of wanted)
      for (const sums of this.outputs.get(output) ?? []) sums.add(compared, output, both)
  }

  summary(): PairComparison {
    const { objective, answered, shadow, rows, compared, failures } = this
    return {
      ...{ objective: objective.name, answered, shadow, rows, compared, failures: { ...failures } },
      since: new Date(this.begun).toISOString(),
      shadowLatency: this.shadowTimes.latency(),
      answeredLatency: this.answeredTimes.latency(),
      outputs: [...this.outputs.values()].flat().flatMap((sums) => sums.summary() ?? []),
    }
  }
}
