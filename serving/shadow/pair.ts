import { show } from '../../lib/errors'
import type { Metrics } from '../../lib/metrics'
import type { Objective } from '../../models/objective'
import type { ComparedRows, ComparisonSettings, PairComparison } from './comparison'
import { measuresOf } from './measures'
import { OutputSums } from './outputSums'
import type { ShadowOutcome } from './shadowOutcomes'
import { Tally } from './tally'

/** What is summed up of one objective, the version that answers it, and one shadow. */
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

  record(compared: ComparedRows): void {
    const { rows, answers, shadows, outcomes, by, answered } = compared
    this.shadowTimes.add(compared.shadowMs)
    if (compared.answeredMs !== undefined) this.answeredTimes.add(compared.answeredMs)
    for (let row = 0; row < rows.rows; row++) {
      if ((by?.[row] ?? answered) !== this.answered) continue
      this.rows++
      const outcome = outcomes[row]
      if (outcome === 'answered') this.compared++
      else this.failures[outcome] = (this.failures[outcome] ?? 0) + 1
      if (outcome !== 'answered') continue
      for (const name of rows.wanted)
        for (const sums of this.outputs.get(name) ?? [])
          sums.add(answers[name][row], shadows[name][row], () => exampleOf(compared, row))
    }
  }

  summary(): PairComparison {
    const { objective, answered, shadow, rows, compared, failures } = this
    const answeredLatency = this.answeredTimes.latency()
    return {
      ...{ objective: objective.name, answered, shadow, rows, compared, failures: { ...failures } },
      since: new Date(this.begun).toISOString(),
      shadowLatency: this.shadowTimes.latency()!,
      ...(answeredLatency && { answeredLatency }),
      outputs: [...this.outputs.values()].flat().flatMap((sums) => sums.summary() ?? []),
    }
  }
}

function exampleOf({ request, objective, rows }: ComparedRows, row: number) {
  const inputs = objective.inputs.map(({ name }, at) => [name, show(rows.inputs[at]?.[row])])
  return { request, inputs: Object.fromEntries(inputs) as Record<string, string> }
}
