import { show } from '../../lib/errors'
import type { Counter, Metrics } from '../../lib/metrics'
import { DifferenceSums } from './differenceSums'
import type { Measure } from './measures'
import type { Example, OutputComparison } from './pairComparison'
import type { ShadowedRows } from './shadows'

/** The sums of one output's comparisons, and its worst examples. */
export class OutputSums {
  private readonly sums = new DifferenceSums()
  private readonly worst: { readonly badness: number; readonly example: Example }[] = []
  private readonly counters: Readonly<Record<'compared' | 'agreed' | 'difference', Counter>>

  constructor(
    private readonly measure: Measure,
    private readonly examples: number,
    metrics: Metrics,
    pair: Readonly<Record<string, string>>,
  ) {
    const counter = (what: string, help: string) =>
      metrics.counter(`presage_shadow_${what}_total`, help, { ...pair, output: measure.name })
    this.counters = {
      compared: counter(
        'compared',
        'Rows answered by both a shadow and the version that it is compared with.',
      ),
      agreed: counter('agreed', 'Compared rows on which both agree.'),
      difference: counter('difference', 'Sum of the absolute differences of numbers.'),
    }
  }

  /** `rows` are those that both versions answered. */
  add(compared: ShadowedRows, output: string, rows: readonly number[]): void {
    const { counters, sums } = this
    const { agreed } = sums
    const { sum } = sums.differences
    const answered = compared.rows.prediction.outputs[output]
    const shadow = compared.prediction.outputs[output]
    for (const row of rows) this.addRow(answered[row], shadow[row], compared, row)
    counters.compared.inc(rows.length)
    counters.agreed.inc(sums.agreed - agreed)
    counters.difference.inc(sums.differences.sum - sum)
  }

  summary(): OutputComparison | undefined {
    const { measure, sums, worst } = this
    const { count } = sums
    if (count === 0) return undefined
    return { ...sums.summary(measure.name), count, examples: worst.map(({ example }) => example) }
  }

  private addRow(answered: unknown, shadow: unknown, compared: ShadowedRows, row: number): void {
    const { measure } = this
    const one = measure.read(answered)
    const two = measure.read(shadow)
    const found = measure.compare(one, two)
    this.sums.add(found)
    const { agrees, difference, overlap } = found
    if (this.examples === 0 || agrees) return
    const { objective, rows } = compared
    this.keep(badnessOf(difference, overlap), () => ({
      request: rows.request.id,
      inputs: Object.fromEntries(
        objective.inputs.map(({ name }, at) => [name, show(rows.inputs[at]?.[row])]),
      ),
      answered: show(one),
      shadow: show(two),
    }))
  }

  private keep(badness: number, make: () => Example): void {
    const { worst, examples } = this
    if (worst.length === examples && badness <= worst[examples - 1].badness) return
    const example = make()
    // A row that many clients ask for would take all places, and show one thing.
    const known = worst.findIndex((kept) => looksLike(kept.example, example))
    if (known >= 0) {
      if (badness <= worst[known].badness) return
      worst.splice(known, 1)
    }
    const place = worst.findIndex((kept) => kept.badness < badness)
    worst.splice(place < 0 ? worst.length : place, 0, { badness, example })
    if (worst.length > examples) worst.pop()
  }
}

/** The worst case is that only one answer is null, or that two labels differ. */
function badnessOf(difference: number | undefined, overlap: number | undefined): number {
  return difference ?? (overlap === undefined ? Number.POSITIVE_INFINITY : 1 - overlap)
}

function looksLike(one: Example, other: Example): boolean {
  return Object.entries(one.inputs).every(([name, text]) => other.inputs[name] === text)
}
