import type { Clock } from '../../lib/clock'
import type { Column } from '../../lib/column'
import type { ErrorCode } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import { invariant } from '../../lib/invariant'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Metrics } from '../../lib/metrics'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { bindObjective, type ValidateInputs } from '../../models/objectives/bindObjective'
import type { Shard } from '../../workers/shard'
import type { PredictionCache } from '../cache/predictionCache'
import type { ModelRegistry } from '../repository/modelRegistry'
import { ObjectiveLimiters } from '../rules/objectiveLimiters'
import { type CompiledObjectiveRules, compileObjectiveRules } from '../rules/objectiveRules'
import { OwnRows } from '../rules/ownRows'
import type { OpenBudget } from '../rules/rowBudget'
import type { ActiveRules, RuleBook } from '../rules/ruleBook'
import type { AnsweredRows } from './answered'
import { RoutingMetrics } from './routingMetrics'

export interface PredictionRuntimeParts {
  /** May grow while serving. */
  readonly objectives: ReadonlyMap<string, Objective>
  readonly registry: ModelRegistry
  readonly shards: ReadonlyMap<string, Shard>
  readonly rules: RuleBook
  readonly clock: Clock
  readonly metrics: Metrics
  /** The most prediction rows of one client request. */
  readonly maxRows: number
  /** Absent if no objective uses the cache. */
  readonly cache?: PredictionCache
  /** What counts the rows a second of limits; default this process by itself. */
  readonly openBudget?: OpenBudget
}

/** Everything that predictions share; one per process. */
export interface PredictionRuntime extends PredictionRuntimeParts {
  /** How an objective's inputs become a model's features; compiled once per pair. */
  binding(objective: Objective, model: Model): ValidateInputs
  /** What a version of the rules says about an objective apart from routing; compiled once per pair. */
  objectiveRules(rules: ActiveRules, objective: string): CompiledObjectiveRules
  /** The limiters of each objective, shared by all versions of the rules. */
  readonly limiters: ObjectiveLimiters
  readonly routing: RoutingMetrics
  /** Fires when decided rows are answered, before the answer is returned. Listeners must be quick. */
  readonly answered: Emitter<AnsweredRows>
  /** Fires `answered`. Errors of listeners are counted and do not affect the answer. */
  tellAnswered(rows: AnsweredRows): void
  /** Counts nulls by objective and input. */
  countNulls(objective: Objective, columns: readonly Column[]): void
  /** Counts rows that could not be predicted, by what was asked (an objective, or a pinned model) and code. */
  countFailures(asked: string, code: ErrorCode, rows: number): void
}

export function createPredictionRuntime(parts: PredictionRuntimeParts): PredictionRuntime {
  const { metrics, objectives } = parts
  const bindings = memoizedWeakly((model: Model) =>
    memoized((objective: Objective) => bindObjective(objective, model)),
  )
  const failures = memoized((asked: string) =>
    memoized((code: ErrorCode) =>
      metrics.counter('presage_prediction_failures_total', 'Rows without a prediction.', { asked, code }),
    ),
  )
  const nulls = memoizedWeakly(({ name: objective, inputs }: Objective) =>
    inputs.map(({ name: input }) => {
      const labels = { objective, input }
      return metrics.counter('presage_null_inputs_total', 'Rows that received null for an input.', labels)
    }),
  )
  for (const objective of objectives.values()) nulls(objective)
  const compiled = memoizedWeakly(({ ruleSet }: ActiveRules) =>
    memoized((name: string) => {
      const objective = objectives.get(name)
      invariant(objective, `no contract of ${name}`)
      return compileObjectiveRules(ruleSet, objective)
    }),
  )
  const answered = new Emitter<AnsweredRows>()
  return {
    ...parts,
    routing: new RoutingMetrics(metrics),
    limiters: new ObjectiveLimiters(parts.openBudget ?? (() => new OwnRows(parts.clock))),
    answered,
    tellAnswered(rows) {
      try {
        answered.fire(rows)
      } catch {
        metrics
          .counter('presage_answer_listener_failures_total', 'Answers that were not recorded or explained.')
          .inc()
      }
    },
    objectiveRules: (rules, name) => compiled(rules)(name),
    binding: (objective, model) => bindings(model)(objective),
    countNulls(objective, columns) {
      const counters = nulls(objective)
      for (let input = 0; input < columns.length; input++) {
        const column = columns[input]
        let count = 0
        for (let row = 0; row < column.length; row++) if (column[row] === null) count++
        if (count > 0) counters[input].inc(count)
      }
    },
    countFailures: (asked, code, rows) => failures(asked)(code).inc(rows),
  }
}
