import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import { invariant } from '../../lib/invariant'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { bindObjective, type ValidateInputs } from '../../models/validation/validateRows'
import type { PredictionField } from '../../schema/fields/plan'
import type { Shard } from '../../workers/shard'
import type { PredictionRuntime } from './predictionRuntime'

/** The version that answers, its shard, and how a field's raw inputs become its features. */
export interface Target {
  readonly model: Model
  readonly shard: Shard
  /** Absent if a field pins the model. */
  readonly objective?: Objective
  readonly validate: ValidateInputs
}

/** By model and objective. */
const bindings = memoizedWeakly((model: Model) =>
  memoized((objective: Objective) => bindObjective(objective, model)),
)

/** A version, `name@version`, as it serves an objective. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`. */
export function decidedTarget(
  runtime: PredictionRuntime,
  objective: Objective,
  key: string,
  shard: string,
): Target {
  const { model } = runtime.registry.ready(key)
  return {
    model,
    shard: shardOf(runtime, key, shard),
    objective,
    validate: bindings(model)(objective),
  }
}

/**
 * The version that a field pins, or the newest ready one of its model. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`.
 */
export function pinnedTarget(runtime: PredictionRuntime, field: PredictionField): Target {
  const { target } = field
  invariant(target.kind === 'model', `${field.coordinate} pins no model`)
  const { model: name, version } = target
  const { model, status } = runtime.registry.find(version === undefined ? name : `${name}@${version}`)
  return {
    model,
    shard: shardOf(runtime, model.key, field.shard ?? status.shards[0]),
    validate: (inputs, rows) => model.validate(inFeatureOrder(inputs, field, model), rows),
  }
}

/** The shard where a version is placed. Throws `MODEL_NOT_READY` if it is not here. */
export function shardOf(runtime: PredictionRuntime, key: string, name: string): Shard {
  const shard = runtime.shards.get(name)
  if (shard !== undefined) return shard
  throw new PresageError('MODEL_NOT_READY', `${key} is placed on ${name}, which is not a shard here`)
}

/**
 * A pinned field was compiled against the features of all versions. This version may order them differently, or have
 * more.
 */
function inFeatureOrder(
  columns: readonly (Column | undefined)[],
  field: PredictionField,
  model: Model,
): (Column | undefined)[] {
  return model.features.map((feature) => {
    return columns[field.inputs.findIndex((input) => input.spec.name === feature.name)]
  })
}
