import { type ErrorCode, PresageError } from '../../lib/errors'
import type { Decision } from '../../routing/ruleSet/router'
import { placementProblem, type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import { shardOf } from '../repository/modelRegistry'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import type { CompiledObjectiveRules } from '../rules/objectiveRules'

/** Where to reach a version. */
export interface Place {
  /** `name@version@shard`: the value of a header by which a proxy routes. */
  readonly routingKey: string
  /** `name@version` */
  readonly model: string
  readonly shard: string
}

/** Who answers, in order, if the chosen version cannot. */
export type Fallbacks = readonly (Place | { readonly constant: Readonly<Record<string, unknown>> })[]

/** Where a client should go now. `fallback`, if it is not the chosen version, says which was and why not. */
export interface ReadyPlace {
  readonly place: Place
  readonly fallback?: { readonly of: string; readonly code: ErrorCode }
}

/** The shard comes last in the routing key, so that a proxy needs one rule per shard and none per version. */
function placeOf(model: string, shard: string): Place {
  return { routingKey: `${model}@${shard}`, model, shard }
}

/** The objective's fallbacks. Versions that are not on the client's shard are skipped, as for fields. */
export function fallbackPlaces(
  { fallbacks }: CompiledObjectiveRules,
  ruleSet: RuleSet,
  chosen: string,
  shard: string | undefined,
): Fallbacks {
  return fallbacks.flatMap((one): Fallbacks => {
    if (one.is === 'constant') {
      const values = Object.entries(one.outputs).map(([output, make]) => [output, make()] as const)
      return [{ constant: Object.fromEntries(values) }]
    }
    const shards = shardsOf(ruleSet, one.model)
    const at = shard ?? shards[0]
    return one.model === chosen || !shards.includes(at) ? [] : [placeOf(one.model, at)]
  })
}

/** The chosen version if ready, else its first ready fallback, else throws the chosen version's error. */
export function readyPlace(
  runtime: PredictionRuntime,
  ruleSet: RuleSet,
  decision: Decision,
  fallbacks: Fallbacks,
): ReadyPlace {
  const misplaced = placementProblem(ruleSet, decision)
  if (misplaced !== undefined) throw new PresageError('BAD_USER_INPUT', misplaced)
  const { model, shard } = decision
  const error = hindrance(runtime, model, shard)
  if (error === undefined) return { place: placeOf(model, shard) }
  const place = fallbacks.find(
    (one): one is Place => 'model' in one && hindrance(runtime, one.model, one.shard) === undefined,
  )
  if (place === undefined) throw error
  return { place, fallback: { of: model, code: error.code } }
}

/** Why a version cannot answer on a shard; undefined if it can. */
function hindrance(runtime: PredictionRuntime, model: string, shard: string): PresageError | undefined {
  try {
    const { remote, copies } = shardOf(runtime, model, shard)
    runtime.registry.ready(model)
    // A version stays ready when its servers go, so that fields wait for them or fall back row by row. A client would
    // call servers that are not there for as long as its route lasts.
    if (remote === undefined || copies(model) > 0) return undefined
    return new PresageError('WORKER_LOST', `${model}: no server of shard ${shard} can be reached`, { model })
  } catch (error) {
    if (error instanceof PresageError) return error
    throw error
  }
}
