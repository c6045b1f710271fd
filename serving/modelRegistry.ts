import { PresageError, show } from '../lib/errors'
import type { Model } from '../models/model'
import { compareVersions } from '../models/repository'

/** One version of the repository as this process has it. */
export interface VersionStatus {
  readonly key: string
  readonly name: string
  readonly version: string
  readonly shards: readonly string[]
  readonly state:
    | { readonly is: 'loading' }
    | { readonly is: 'ready'; readonly model: Model }
    | { readonly is: 'refused'; readonly reason: string }
}

/** The versions that this process knows, and which of them are ready to answer. */
export class ModelRegistry {
  private readonly versions = new Map<string, VersionStatus>()

  set(status: VersionStatus): void {
    this.versions.set(status.key, status)
  }

  get(key: string): VersionStatus | undefined {
    return this.versions.get(key)
  }

  /** All versions, by name, then by version as people count: 9 before 10. */
  list(): readonly VersionStatus[] {
    return [...this.versions.values()].sort((left, right) => {
      return left.name === right.name
        ? compareVersions(left.version, right.version)
        : left.name < right.name
          ? -1
          : 1
    })
  }

  /** The model of a version, or why it cannot answer: `MODEL_NOT_FOUND`, `MODEL_NOT_READY`. */
  ready(key: string): { status: VersionStatus; model: Model } {
    const status = this.versions.get(key)
    if (status === undefined)
      throw new PresageError(
        'MODEL_NOT_FOUND',
        `model: must be a version of the repository, got ${show(key)}`,
      )
    const { state } = status
    if (state.is === 'ready') return { status, model: state.model }
    const why = state.is === 'loading' ? 'it is still loading' : state.reason
    throw new PresageError('MODEL_NOT_READY', `${key} is not ready: ${why}`, { model: key })
  }

  /** By `name@version`, or by `name` for its newest ready version. */
  find(name: string): { status: VersionStatus; model: Model } {
    return name.includes('@') ? this.ready(name) : this.newest(name)
  }

  /** The newest ready version of a model; with none ready, the error of its newest. */
  private newest(name: string): { status: VersionStatus; model: Model } {
    const all = this.list().filter((status) => status.name === name)
    if (all.length === 0)
      throw new PresageError('MODEL_NOT_FOUND', `model: must be one of the repository, got ${show(name)}`)
    const ready = all.filter((status) => status.state.is === 'ready')
    return this.ready((ready.at(-1) ?? all[all.length - 1]).key)
  }
}
