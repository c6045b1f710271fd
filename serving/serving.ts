import type { Clock } from '../lib/clock'
import type { Column } from '../lib/column'
import type { ErrorCode } from '../lib/errors'
import type { Metrics } from '../lib/metrics'
import { bindObjective, type ObjectiveBinding } from '../models/bindObjective'
import type { Model } from '../models/model'
import type { Objective } from '../models/objective'
import type { Router } from '../routing/router'
import type { Shard } from '../workers/shard'
import type { ModelRegistry } from './modelRegistry'

export interface ServingParts {
  readonly objectives: ReadonlyMap<string, Objective>
  readonly registry: ModelRegistry
  readonly shards: ReadonlyMap<string, Shard>
  readonly router: Router
  readonly clock: Clock
  readonly metrics: Metrics
  /** Prediction rows that one client request may ask for. */
  readonly maxRows: number
}

/** What predictions are made with; one of these per process. */
export interface Serving extends ServingParts {
  /** How an objective's inputs become a model's features; compiled once per pair. */
  binding(objective: Objective, model: Model): ObjectiveBinding
  /** Counts nulls by objective and input. */
  countNulls(objective: Objective, columns: readonly Column[]): void
  /** Counts rows that could not be predicted, by what was asked (an objective, or a pinned model) and code. */
  countFailures(asked: string, code: ErrorCode, rows: number): void
}

export function createServing(parts: ServingParts): Serving {
  const bindings = new WeakMap<Model, Map<Objective, ObjectiveBinding>>()
  const nulls = new Map(
    [...parts.objectives.values()].map((objective) => {
      const counters = objective.inputs.map((input) =>
        parts.metrics.counter('presage_null_inputs_total', 'Rows whose input came as null.', {
          objective: objective.name,
          input: input.name,
        }),
      )
      return [objective.name, counters]
    }),
  )
  return {
    ...parts,
    binding(objective, model) {
      let ofModel = bindings.get(model)
      if (ofModel === undefined) {
        ofModel = new Map()
        bindings.set(model, ofModel)
      }
      let binding = ofModel.get(objective)
      if (binding === undefined) {
        binding = bindObjective(objective, model)
        ofModel.set(objective, binding)
      }
      return binding
    },
    countNulls(objective, columns) {
      const counters = nulls.get(objective.name)!
      for (let input = 0; input < columns.length; input++) {
        const column = columns[input]
        let count = 0
        for (let row = 0; row < column.length; row++) if (column[row] === null) count++
        if (count > 0) counters[input].inc(count)
      }
    },
    countFailures(asked, code, rows) {
      const labels = { asked, code }
      parts.metrics
        .counter('presage_prediction_failures_total', 'Rows without a prediction.', labels)
        .inc(rows)
    },
  }
}
