import type { Column } from '../../lib/column'
import { type LoadError, PresageError, show } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import { invariant, unreachable } from '../../lib/invariant'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { compareVersions } from '../../models/repository/repository'
import { bindObjective, type ValidateInputs } from '../../models/validation/validateRows'
import { type PredictionField, pinOf } from '../../schema/fields/plan'
import { NoServer } from '../../workers/remote/noServer'
import type { Shard } from '../../workers/shard'

export interface VersionStatus {
  readonly key: string
  readonly name: string
  readonly version: string
  readonly shards: readonly string[]
  readonly state:
    | { readonly is: 'loading' }
    | { readonly is: 'ready'; readonly model: Model }
    /** `isOutOfReach` if no server elsewhere can be reached that could serve it, which may pass by itself. */
    | { readonly is: 'refused'; readonly reason: string; readonly isOutOfReach?: true }
    /**
     * Could be loaded, and is once it is asked if `onDemand`; else it left `onRequest`, or nothing names it. `model` is
     * what it was when it was put out of memory.
     */
    | {
        readonly is: 'unloaded'
        readonly onDemand?: true
        readonly onRequest?: true
        readonly model?: Model | undefined
      }
  /** A further note for operators: its files are gone or have changed. */
  readonly note?: string
}

/** So begins the reason of a version that is merely not in memory. */
export const notLoaded = 'it is not loaded'

/** Why a version is not ready, for clients with access to the platform; null if it is ready. */
export function reasonOf(state: VersionStatus['state']): string | null {
  switch (state.is) {
    case 'ready':
      return null
    case 'loading':
      return 'it is still loading'
    case 'refused':
      return state.reason
    case 'unloaded':
      if (state.onDemand) return `${notLoaded}; it is once it is asked`
      return `${notLoaded}, since ${state.onRequest ? 'it was unloaded on request' : 'nothing names it'}`
    default:
      return unreachable(state)
  }
}

/** The same for other clients, who must not learn about files, graphs and golden cases. */
function publicReasonOf(state: VersionStatus['state']): string | null {
  if (state.is !== 'refused') return reasonOf(state)
  return state.isOutOfReach ? 'no server of it can be reached now' : 'it is not fit to serve'
}

/** The state of a version that could not be loaded. */
export function refusedBy({ message: reason, cause }: LoadError): VersionStatus['state'] {
  return { is: 'refused', reason, ...(cause instanceof NoServer && { isOutOfReach: true }) }
}

/** Who gets the reason why a version cannot answer: any client, or one with access to the platform. */
export type Audience = 'clients' | 'platform'

/** The versions that this process knows, and their states. */
export class ModelRegistry {
  private readonly versions = new Map<string, VersionStatus>()
  private readonly published = new Set<string>()
  private readonly changes = new Emitter<void>()
  /** Fires when a version has another state, or is not known any more. */
  readonly changed = this.changes.event

  set(status: VersionStatus): void {
    this.versions.set(status.key, status)
    if (status.state.is === 'ready') this.published.add(status.key)
    this.changes.fire()
  }

  /** Whether a version is or ever was ready in this process. Then it must not change any more. */
  isPublished(key: string): boolean {
    return this.published.has(key)
  }

  delete(key: string): void {
    this.versions.delete(key)
    this.changes.fire()
  }

  get(key: string): VersionStatus | undefined {
    return this.versions.get(key)
  }

  /** All versions, by name, then by version in natural order: 9 before 10. */
  list(): readonly VersionStatus[] {
    return [...this.versions.values()].sort((left, right) => {
      return left.name === right.name
        ? compareVersions(left.version, right.version)
        : left.name < right.name
          ? -1
          : 1
    })
  }

  /** The model of a version. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`. */
  ready(key: string, audience: Audience = 'clients'): { status: VersionStatus; model: Model } {
    const status = this.versions.get(key)
    if (status === undefined)
      throw new PresageError(
        'MODEL_NOT_FOUND',
        `model: must be a version of the repository, got ${show(key)}`,
      )
    const { state } = status
    if (state.is === 'ready') return { status, model: state.model }
    const why = audience === 'clients' ? publicReasonOf(state) : reasonOf(state)
    throw new PresageError('MODEL_NOT_READY', `${key} is not ready: ${why}`, { model: key })
  }

  /** Whether a version is ready and serves the objective. */
  canAnswer(objective: string, key: string): boolean {
    const state = this.versions.get(key)?.state
    return state?.is === 'ready' && state.model.manifest.serves.includes(objective)
  }

  /** Why `canAnswer` is false, for who may override; undefined if it is true. */
  whyNot(objective: string, key: string): string | undefined {
    const state = this.versions.get(key)?.state
    if (state === undefined) return 'the repository has no such version'
    if (state.is !== 'ready') return `it is not ready: ${reasonOf(state)}`
    return state.model.manifest.serves.includes(objective) ? undefined : `it does not serve ${objective}`
  }

  /** The versions of a model, the newest first. */
  versionsOf(name: string): readonly VersionStatus[] {
    const own: VersionStatus[] = []
    for (const status of this.versions.values()) if (status.name === name) own.push(status)
    return own.sort((left, right) => compareVersions(right.version, left.version))
  }

  newestReady(name: string): string | undefined {
    return this.versionsOf(name).find(({ state }) => state.is === 'ready')?.key
  }

  /** Finds by `name@version`, or by `name` the newest ready version. */
  find(name: string, audience: Audience = 'clients'): { status: VersionStatus; model: Model } {
    return name.includes('@') ? this.ready(name, audience) : this.newest(name, audience)
  }

  /** The newest ready version of a model. If none is ready, throws the error of the newest. */
  private newest(name: string, audience: Audience): { status: VersionStatus; model: Model } {
    const all = this.versionsOf(name)
    if (all.length === 0)
      throw new PresageError('MODEL_NOT_FOUND', `model: must be one of the repository, got ${show(name)}`)
    return this.ready((all.find(({ state }) => state.is === 'ready') ?? all[0]).key, audience)
  }
}

/** The version that answers, its shard, and how a field's raw inputs become its features. */
export interface Target {
  readonly model: Model
  readonly shard: Shard
  /** Absent if a field pins the model. */
  readonly objective?: Objective
  readonly validate: ValidateInputs
}

/** The versions that a process knows, and its shards. */
export interface VersionPlaces {
  readonly registry: ModelRegistry
  readonly shards: ReadonlyMap<string, Shard>
}

/** By model and objective. */
const bindings = memoizedWeakly((model: Model) =>
  memoized((objective: Objective) => bindObjective(objective, model)),
)

/** A version, `name@version`, as it serves an objective. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`. */
export function decidedTarget(at: VersionPlaces, objective: Objective, key: string, shard: string): Target {
  const { model } = at.registry.ready(key)
  return {
    model,
    shard: shardOf(at, key, shard),
    objective,
    validate: bindings(model)(objective),
  }
}

/**
 * The version that a field pins, or the newest ready one of its model. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`.
 */
export function pinnedTarget(at: VersionPlaces, field: PredictionField): Target {
  const { target } = field
  invariant(target.kind === 'model', `${field.coordinate} pins no model`)
  const { model, status } = at.registry.find(pinOf(target))
  return {
    model,
    shard: shardOf(at, model.key, field.shard ?? status.shards[0]),
    validate: (inputs, rows) => model.validate(inFeatureOrder(inputs, field, model), rows),
  }
}

/** The shard where a version is placed. Throws `MODEL_NOT_READY` if it is not here. */
export function shardOf(at: VersionPlaces, key: string, name: string): Shard {
  const shard = at.shards.get(name)
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
