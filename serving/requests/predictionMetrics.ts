import type { Column } from '../../lib/column'
import { type ErrorCode, PresageError } from '../../lib/errors'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Counter, Metrics } from '../../lib/metrics'
import type { Objective } from '../../models/contracts/objective'
import type { Decision } from '../../routing/ruleSet/router'
import type { PredictionField } from '../../schema/fields/plan'
import type { FallbackRows } from './answered'

/**
 * Counts what becomes of predictions. Labels are names from rule sets and repositories, so clients cannot create new
 * series.
 */
export class PredictionMetrics {
  private readonly decisions = new Map<string, Counter>()
  private readonly unitless = memoized((objective: string) => {
    const help = 'Decisions with NO_UNIT: a draw was needed, but the request had no unit.'
    return this.metrics.counter('presage_routing_no_unit_total', help, { objective })
  })
  private readonly failures = memoized((asked: string) =>
    memoized((code: ErrorCode) => {
      const help = 'Rows without a prediction.'
      return this.metrics.counter('presage_prediction_failures_total', help, { asked, code })
    }),
  )
  private readonly nulls = memoizedWeakly(({ name: objective, inputs }: Objective) =>
    inputs.map(({ name: input }) => {
      const labels = { objective, input }
      return this.metrics.counter(
        'presage_null_inputs_total',
        'Rows that received null for an input.',
        labels,
      )
    }),
  )
  private readonly skew: Counter
  private lastDecision: Decision | undefined
  private lastCounter: Counter | undefined

  constructor(
    private readonly metrics: Metrics,
    objectives: Iterable<Objective>,
  ) {
    for (const objective of objectives) this.nulls(objective)
    this.skew = metrics.counter(
      'presage_rule_set_skew_total',
      'Requests that named a rule set this process does not have, and used the active one instead.',
    )
  }

  /** `count` is 1 per request, or the number of rows where the objective decides row by row. */
  countDecisions(decision: Decision, count: number): void {
    // A decision without a bucket is the same object each time, and usually the same as the last one.
    if (decision !== this.lastDecision) {
      this.lastCounter = this.counterOf(decision)
      this.lastDecision = decision
    }
    this.lastCounter!.inc(count)
    if (decision.flags !== undefined) this.unitless(decision.objective).inc(count)
  }

  countNulls(objective: Objective, columns: readonly Column[]): void {
    const counters = this.nulls(objective)
    for (let input = 0; input < columns.length; input++) {
      const column = columns[input]
      let count = 0
      for (let row = 0; row < column.length; row++) if (column[row] === null) count++
      if (count > 0) counters[input].inc(count)
    }
  }

  /** Counts rows that fallbacks answered because the chosen version could not. */
  countFallbacks({ objective, model }: Decision, { by, codes }: FallbackRows): void {
    const help = 'Rows answered by a fallback, by the reason why the chosen version did not answer.'
    for (const to of new Set(by)) {
      if (to === undefined) continue
      const counts = new Map<ErrorCode, number>()
      for (let row = 0; row < by.length; row++)
        if (by[row] === to) counts.set(codes[row]!, (counts.get(codes[row]!) ?? 0) + 1)
      for (const [code, rows] of counts) {
        const labels = { objective, from: model, to, code }
        this.metrics.counter('presage_fallback_total', help, labels).inc(rows)
      }
    }
  }

  /** Counts rows that neither the chosen version nor a fallback answered, once for each code. */
  countUnanswered({ objective, model }: Decision, errors: readonly unknown[]): void {
    const help = 'Rows that the chosen version was asked for and nobody answered.'
    eachCode(errors, (code, rows) =>
      this.metrics.counter('presage_version_failures_total', help, { objective, model, code }).inc(rows),
    )
  }

  /** Counts rows of a field without a prediction, by what it asks (an objective, or a pinned model) and code. */
  countFailures(field: PredictionField, errors: readonly unknown[]): void {
    eachCode(errors, (code, rows) => this.failures(askedBy(field))(code).inc(rows))
  }

  /** The same for rows that share an error. */
  countFailure(field: PredictionField, error: unknown, rows: number): void {
    if (error instanceof PresageError) this.failures(askedBy(field))(error.code).inc(rows)
  }

  countSkew(): void {
    this.skew.inc()
  }

  /** Counts an answer that a listener failed to record or explain. */
  countListenerFailure(): void {
    const help = 'Answers that were not recorded or explained.'
    this.metrics.counter('presage_answer_listener_failures_total', help).inc()
  }

  private counterOf({ objective, model, reason, rule = '', cell = '' }: Decision): Counter {
    const key = `${objective}\n${model}\n${reason}\n${rule}\n${cell}`
    let counter = this.decisions.get(key)
    if (counter === undefined) {
      const help = 'Routing decisions: one per request and objective, or one per row if rules read inputs.'
      const labels = { objective, model, reason, rule, cell }
      counter = this.metrics.counter('presage_routing_decisions_total', help, labels)
      this.decisions.set(key, counter)
    }
    return counter
  }
}

function askedBy({ target }: PredictionField): string {
  return target.kind === 'objective' ? target.objective : target.model
}

/**
 * Tells for each code how many of the rows have it. Counts in runs, because neighbouring rows usually share one error.
 * Errors without a code are bugs, and counted elsewhere.
 */
function eachCode(errors: readonly unknown[], tell: (code: ErrorCode, rows: number) => void): void {
  let counts: Map<ErrorCode, number> | undefined
  for (let row = 0; row < errors.length; ) {
    const error = errors[row]
    const from = row++
    while (row < errors.length && errors[row] === error) row++
    if (!(error instanceof PresageError)) continue
    counts ??= new Map()
    counts.set(error.code, (counts.get(error.code) ?? 0) + row - from)
  }
  if (counts !== undefined) for (const [code, rows] of counts) tell(code, rows)
}
