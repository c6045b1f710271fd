import { type ErrorCode, PresageError } from '../../lib/errors'
import { memoized } from '../../lib/memoized'
import type { Counter, Metrics } from '../../lib/metrics'
import type { Decision } from '../../routing/ruleSet/router'
import type { Prediction } from '../calls/modelCalls'
import type { FallbackRows } from './answered'

/** Counts decisions and fallbacks. Labels are names from rule sets, so clients cannot create new series. */
export class RoutingMetrics {
  private readonly decisions = new Map<string, Counter>()
  private readonly unitless = memoized((objective: string) => {
    const help = 'Decisions with NO_UNIT: a draw was needed, but the request had no unit.'
    return this.metrics.counter('presage_routing_no_unit_total', help, { objective })
  })
  private readonly skew: Counter
  private lastDecision: Decision | undefined
  private lastCounter: Counter | undefined

  constructor(private readonly metrics: Metrics) {
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
  countFailures({ objective, model }: Decision, errors: Prediction['errors']): void {
    if (errors.length === 0) return
    const counts = new Map<ErrorCode, number>()
    // Errors without a code are bugs, and counted elsewhere.
    for (const error of errors)
      if (error instanceof PresageError) counts.set(error.code, (counts.get(error.code) ?? 0) + 1)
    const help = 'Rows that the chosen version was asked for and nobody answered.'
    for (const [code, rows] of counts)
      this.metrics.counter('presage_version_failures_total', help, { objective, model, code }).inc(rows)
  }

  countSkew(): void {
    this.skew.inc()
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
