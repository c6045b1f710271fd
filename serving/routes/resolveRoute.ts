import { PresageError, show } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import type { ClientRequest, Context } from '../../lib/request/clientRequest'
import type { ExplainPath } from '../../lib/request/explain'
import type { FeatureSpec } from '../../models/contracts/manifest'
import type { OutputSpec } from '../../models/contracts/objective'
import { rowCheckOf } from '../../routing/checks/rowInputs'
import type { NeedsInputs } from '../../routing/compile/compileRouter'
import type { Decision } from '../../routing/ruleSet/router'
import { explainDecision } from '../requests/explainRows'
import { type IgnoredOverride, ignoredOverride } from '../requests/ignoredOverride'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { isSkewed, rulesOf } from '../rules/ruleBook'
import { type Fallbacks, fallbackPlaces, type Place, type ReadyPlace, readyPlace } from './routePlaces'
import { type ContextKeySource, statedContext } from './statedContext'

/** The question of a client that calls a shard itself. */
export interface RouteQuestion {
  readonly objective: string
  /** By key. */
  readonly context?: Readonly<Record<string, unknown>>
  /** The inputs of one row, by name. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** The shard on which the version must be. */
  readonly shard?: string
}

export interface ResolvedRoute extends Place {
  readonly objective: string
  readonly ruleSet: { readonly number: number; readonly sha256: string }
  readonly configuration: RouteConfiguration
  /** How long the client may use this route. */
  readonly expiresInMs: number
  /** If the chosen version is not ready here: its name, and why. */
  readonly fallback?: ReadyPlace['fallback']
  /** If the client's override was not taken: its version, and why. */
  readonly ignoredOverride?: IgnoredOverride
  /** Only for clients that may read the rules. */
  readonly decision?: Decision
}

/** What a client that calls a version itself must know of it and of the objective. */
export interface RouteConfiguration {
  /** The deadline of one call, in milliseconds; null if there is none. */
  readonly deadlineMs: number | null
  /** Of the version: what it takes, by its own names. Versions of an objective need not all read the same. */
  readonly inputs: readonly FeatureSpec[]
  readonly outputs: readonly OutputSpec[]
  /** Who answers, in order, if the chosen version cannot. */
  readonly fallbacks: Fallbacks
}

export interface RouteResolverParts {
  readonly runtime: PredictionRuntime
  /** The declared keys of a request's context. */
  readonly context: ReadonlyMap<string, ContextKeySource>
  /** How long a route may be used. */
  readonly lifetimeMs: number
}

/**
 * Makes the same decision as for a field, for a client whose rows do not come through the graph. Nothing is inferred or
 * counted. Throws BAD_USER_INPUT for an invalid question, and MODEL_NOT_FOUND, MODEL_NOT_READY or WORKER_LOST if neither
 * the chosen version nor a fallback can answer. `path` is the answer's place in that of an operation, which
 * then explains it.
 */
export type ResolveRoute = (
  request: ClientRequest,
  question: RouteQuestion,
  path?: ExplainPath,
) => ResolvedRoute | NeedsInputs

export function createRouteResolver({
  runtime,
  context: keys,
  lifetimeMs,
}: RouteResolverParts): ResolveRoute {
  return (request, { objective: name, context: stated = {}, inputs, shard }, path) => {
    const rules = rulesOf(request, runtime)
    const { ruleSet } = rules
    if (!Object.hasOwn(ruleSet.objectives, name) || !runtime.objectives.has(name)) {
      const known = Object.keys(ruleSet.objectives).sort()
      throw refusal(notOneOf('objective: must be one that has rules', name, known, show(name)))
    }
    if (shard !== undefined && !runtime.shards.has(shard)) {
      const known = [...runtime.shards.keys()].join(', ')
      throw refusal(`shard: must be one of this deployment (${known}), got ${show(shard)}`)
    }
    const own = rules.objective(name)
    const { objective } = own
    const problem = inputs && rowCheckOf(objective.inputs)(inputs, name)
    if (problem !== undefined) throw refusal(`inputs: ${problem}`)
    const context: Context = statedContext(request, stated, keys)
    const override = request.overrides?.get(name)
    const answer = rules.router.resolve({ objective: name, context, inputs, shard, override })
    if ('error' in answer) return answer
    const ignored = ignoredOverride(request, runtime.registry, answer, shard)
    if (path !== undefined) {
      const by = { rules, isSkewed: isSkewed(request, rules), ignored }
      request.explain?.add(path, { field: 'Query.resolveRoute', ...explainDecision(answer, by) })
    }
    const fallbacks = fallbackPlaces(own, ruleSet, answer.model, shard)
    const { place, fallback } = readyPlace(runtime, ruleSet, answer, fallbacks)
    const deadlines = [objective.deadlineMs, own.deadlineMs].filter((one) => one !== undefined)
    return {
      objective: name,
      ...place,
      ruleSet: { number: rules.number, sha256: rules.sha256 },
      configuration: {
        deadlineMs: deadlines.length === 0 ? null : Math.min(...deadlines),
        inputs: runtime.registry.ready(place.model).model.features,
        outputs: objective.outputs,
        fallbacks: fallbacks.filter((one) => !('model' in one) || one.model !== place.model),
      },
      // The chosen version may be ready again at any moment. Whole, though a duration such as 16.1s is not exactly.
      expiresInMs: Math.round(fallback === undefined ? lifetimeMs : Math.min(lifetimeMs, 1_000)),
      ...(fallback && { fallback }),
      ...(ignored && { ignoredOverride: ignored }),
      ...(request.roles.includes('viewer') && { decision: answer }),
    }
  }
}

function refusal(message: string): PresageError {
  return new PresageError('BAD_USER_INPUT', message)
}
