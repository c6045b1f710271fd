import { PresageError, show } from '../../lib/errors'
import type { ClientRequest, Context } from '../../lib/request/clientRequest'
import { printType } from '../../models/types/parseType'
import type { NeedsInputs } from '../../routing/compile/compileRouter'
import type { Decision } from '../../routing/ruleSet/router'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import type { CompiledObjectiveRules } from '../rules/objectiveRules'
import { rulesOf } from '../rules/requestRules'
import { type Fallbacks, fallbackPlaces, type Place, type ReadyPlace, readyPlace } from './routePlaces'
import { type ContextKeySource, statedContext } from './statedContext'

/** What a client asks who calls a shard itself. */
export interface RouteQuestion {
  readonly objective: string
  /** By key. */
  readonly context?: Readonly<Record<string, unknown>>
  /** Of one row, by name. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** One on which the version must be. */
  readonly shard?: string
}

export interface ResolvedRoute extends Place {
  readonly objective: string
  readonly ruleSet: { readonly number: number; readonly sha256: string }
  readonly configuration: RouteConfiguration
  /** How long the client may go by this. */
  readonly expiresInMs: number
  /** Where the version that was chosen is not ready here: which that is, and why. */
  readonly fallback?: ReadyPlace['fallback']
  /** Only for who may read the rules. */
  readonly decision?: Decision
}

/** What of the objective a client must keep to that calls a version itself. */
export interface RouteConfiguration {
  /** Of one call, in milliseconds; null: none is said. */
  readonly deadlineMs: number | null
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[]
  readonly outputs: readonly { readonly name: string; readonly type: string }[]
  /** Who answers, in order, if that one cannot. */
  readonly fallbacks: Fallbacks
}

export interface RouteResolverParts {
  readonly runtime: PredictionRuntime
  /** The declared keys of a request's context. */
  readonly context: ReadonlyMap<string, ContextKeySource>
  /** How long a route may be gone by. */
  readonly lifetimeMs: number
}

/**
 * The second door of routing: the same decision as for a field, for a client whose rows do not come through the graph. Nothing
 * is inferred and nothing counted. Throws BAD_USER_INPUT for what the question must not hold, MODEL_NOT_FOUND or
 * MODEL_NOT_READY where neither the chosen version nor a fallback of it is ready.
 */
export type ResolveRoute = (request: ClientRequest, question: RouteQuestion) => ResolvedRoute | NeedsInputs

export function createRouteResolver({
  runtime,
  context: keys,
  lifetimeMs,
}: RouteResolverParts): ResolveRoute {
  return (request, { objective: name, context: stated = {}, inputs, shard }) => {
    const rules = rulesOf(request, runtime)
    const { ruleSet } = rules
    if (!Object.hasOwn(ruleSet.objectives, name) || !runtime.objectives.has(name)) {
      const known = Object.keys(ruleSet.objectives).sort().join(', ')
      throw refusal(`objective: must be one that has rules (${known}), got ${show(name)}`)
    }
    if (shard !== undefined && !runtime.shards.has(shard)) {
      const known = [...runtime.shards.keys()].join(', ')
      throw refusal(`shard: must be one of this deployment (${known}), got ${show(shard)}`)
    }
    const own = runtime.objectiveRules(rules, name)
    checkInputs(own, inputs)
    const context: Context = statedContext(request, stated, keys)
    const override = request.overrides?.get(name)
    const answer = rules.router.resolve({
      objective: name,
      context,
      ...(inputs !== undefined && { inputs }),
      ...(shard !== undefined && { shard }),
      ...(override !== undefined && { override }),
    })
    if ('error' in answer) return answer
    const fallbacks = fallbackPlaces(own, ruleSet, answer.model, shard)
    const { place, fallback } = readyPlace(runtime, ruleSet, answer, fallbacks)
    return {
      objective: name,
      ...place,
      ruleSet: { number: rules.number, sha256: rules.sha256 },
      configuration: configurationOf(own, fallbacks, place),
      // The chosen one may be ready again at any moment.
      expiresInMs: fallback === undefined ? lifetimeMs : Math.min(lifetimeMs, 1_000),
      ...(fallback && { fallback }),
      ...(request.roles.includes('viewer') && { decision: answer }),
    }
  }
}

function configurationOf(
  { objective, deadlineMs }: CompiledObjectiveRules,
  fallbacks: Fallbacks,
  place: Place,
): RouteConfiguration {
  const deadlines = [objective.deadlineMs, deadlineMs].filter((one) => one !== undefined)
  return {
    deadlineMs: deadlines.length === 0 ? null : Math.min(...deadlines),
    inputs: objective.inputs.map(({ name, type, nullable }) => ({ name, type: printType(type), nullable })),
    outputs: objective.outputs.map(({ name, type }) => ({ name, type: printType(type) })),
    fallbacks: fallbacks.filter((one) => !('model' in one) || one.model !== place.model),
  }
}

function checkInputs(
  { objective }: CompiledObjectiveRules,
  inputs: Readonly<Record<string, unknown>> | undefined,
): void {
  if (inputs === undefined) return
  const names = objective.inputs.map(({ name }) => name)
  const unknown = Object.keys(inputs).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw refusal(`inputs: must be inputs of ${objective.name} (${names.join(', ')}), got ${show(unknown)}`)
}

function refusal(message: string): PresageError {
  return new PresageError('BAD_USER_INPUT', message)
}
