import { show } from '../../lib/errors'
import type { Counter, Metrics } from '../../lib/metrics'
import type { Example, OutputComparison } from './comparison'
import type { Difference, Measure } from './measures'
import { Tally } from './tally'

/** What is summed up of one output, and its worst examples. */
export class OutputSums {
  private count = 0
  private agreed = 0
  private readonly differences = new Tally()
  private readonly overlaps = new Tally()
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
      compared: counter('compared', 'Rows that a shadow and the version beside it have both answered.'),
      agreed: counter('agreed', 'Those of them where both say the same.'),
      difference: counter('difference', 'The sum of the absolute differences of numbers.'),
    }
  }

  add(answered: unknown, shadow: unknown, context: () => Omit<Example, 'answered' | 'shadow'>): void {
    const { measure, counters } = this
    const one = measure.read(answered)
    const two = measure.read(shadow)
    const difference = measure.compare(one, two)
    this.count++
    counters.compared.inc()
    if (difference.agrees) {
      this.agreed++
      counters.agreed.inc()
    }
    if (difference.difference !== undefined) {
      this.differences.add(difference.difference)
      counters.difference.inc(difference.difference)
    }
    if (difference.overlap !== undefined) this.overlaps.add(difference.overlap)
    if (this.examples > 0 && !difference.agrees) this.keep(badnessOf(difference), one, two, context)
  }

  summary(): OutputComparison | undefined {
    const { count, agreed, differences, overlaps, worst } = this
    if (count === 0) return undefined
    return {
      output: this.measure.name,
      count,
      agreement: agreed / count,
      ...(differences.count > 0 && {
        meanDifference: differences.sum / differences.count,
        maxDifference: differences.max,
      }),
      ...(overlaps.count > 0 && { meanOverlap: overlaps.sum / overlaps.count }),
      examples: worst.map(({ example }) => example),
    }
  }

  private keep(
    badness: number,
    one: unknown,
    two: unknown,
    context: () => Omit<Example, 'answered' | 'shadow'>,
  ) {
    const { worst, examples } = this
    if (worst.length === examples && badness <= worst[examples - 1].badness) return
    const place = worst.findIndex((kept) => kept.badness < badness)
    const example = { ...context(), answered: show(one), shadow: show(two) }
    worst.splice(place < 0 ? worst.length : place, 0, { badness, example })
    if (worst.length > examples) worst.pop()
  }
}

/** One answer that is null where the other is not is the worst; of labels, all are alike. */
function badnessOf({ difference, overlap }: Difference): number {
  return difference ?? (overlap === undefined ? Number.POSITIVE_INFINITY : 1 - overlap)
}
