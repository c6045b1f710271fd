import { PresageError, show } from '../lib/errors'
import { unreachable } from '../lib/invariant'
import { contentHash } from '../models/repository/contentHash'
import type { FoundVersion, Repository, RepositoryVersion } from '../models/repository/repository'
import type { ModelLibrary } from '../serving/repository/modelLibrary'
import { type ModelRegistry, reasonOf, type VersionStatus } from '../serving/repository/modelRegistry'
import type { ModelTensors, VerifiedContent } from '../workers/protocol/metadata'
import type { ModelMemory } from './memory/modelMemory'

export interface IndexEntry {
  readonly name: string
  readonly version: string
  /** As Triton has it. */
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE'
  /** Why it is not ready; empty if it is. */
  readonly reason: string
  /** What others need not ask for and check again. Absent unless it is ready, or was and is again once it is asked. */
  readonly verified?: VerifiedContent
}

/** The extension `model_repository`: versions of the repository that are loaded and unloaded on request. */
export interface RepositoryControl {
  /** Every version of the repository, or with `ready` those that are ready. */
  index(ready: boolean): readonly IndexEntry[]
  /**
   * Resolves when `name@version`, or the newest version of `name`, is ready; others may have to leave memory for it.
   * Rejects with `MODEL_NOT_FOUND`, `MODEL_NOT_READY`.
   */
  load(model: string): Promise<void>
  /**
   * Resolves when `name@version`, or all versions of `name`, are unloaded, also those that are loading. Then requests do
   * not load them again. Rejects with `MODEL_NOT_FOUND`.
   */
  unload(model: string): Promise<void>
}

/** Versions never change, so what a request would load one with is refused. Throws `NOT_SUPPORTED`. */
export function refuseParameters(parameters: Readonly<Record<string, unknown>> = {}): void {
  const [name] = Object.keys(parameters).filter((one) => one !== 'unload_dependents')
  if (name !== undefined) throw new PresageError('NOT_SUPPORTED', `parameters.${name}: is not supported`)
}

export interface RepositoryControlParts {
  readonly repository: Pick<Repository, 'versions'>
  readonly registry: ModelRegistry
  readonly library: Pick<ModelLibrary, 'evict'>
  readonly memory: Pick<ModelMemory, 'load' | 'leave'>
  /** The tensors of a version that is or has been served. */
  readonly tensorsOf: (key: string) => ModelTensors | undefined
}

export function createRepositoryControl(parts: RepositoryControlParts): RepositoryControl {
  const { repository, registry, library, memory, tensorsOf } = parts

  function found(model: string): readonly string[] {
    const keys = repository.versions
      .filter(({ key, name }) => key === model || name === model)
      .map(({ key }) => key)
    if (keys.length > 0) return keys
    throw new PresageError('MODEL_NOT_FOUND', `model: must be one of the repository, got ${show(model)}`)
  }

  function verifiedOf(version: RepositoryVersion): VerifiedContent | undefined {
    const state = registry.get(version.key)?.state
    const isThere =
      state?.is === 'ready' ||
      (state?.is === 'unloaded' && state.onDemand && registry.isPublished(version.key))
    const tensors = isThere && version.state === 'found' ? tensorsOf(version.key) : undefined
    return tensors && { sha256: contentHash(version as FoundVersion), ...tensors }
  }

  /** Resolves when a version is not loading: it would be ready afterwards. */
  async function settled(key: string): Promise<void> {
    await memory.leave(key)
    while (registry.get(key)?.state.is === 'loading') {
      await new Promise<void>((resolve) => {
        const leave = registry.changed(() => {
          leave()
          resolve()
        })
      })
    }
  }

  return {
    index(ready) {
      const entries = repository.versions.map((one) => {
        const { key, name, version } = one
        const verified = verifiedOf(one)
        return { name, version, ...stateOf(registry.get(key)?.state), ...(verified && { verified }) }
      })
      return ready ? entries.filter(({ state }) => state === 'READY') : entries
    },
    load: async (model) => memory.load(found(model).at(-1)!),
    async unload(model) {
      // Each by itself: while one still loads, another one could begin to.
      await Promise.all(
        found(model).map(async (key) => {
          await settled(key)
          await library.evict([key], true)
        }),
      )
    },
  }
}

function stateOf(state: VersionStatus['state'] = { is: 'unloaded' }): Pick<IndexEntry, 'state' | 'reason'> {
  switch (state.is) {
    case 'ready':
      return { state: 'READY', reason: '' }
    case 'loading':
      return { state: 'LOADING', reason: '' }
    case 'refused':
    case 'unloaded':
      return { state: 'UNAVAILABLE', reason: reasonOf(state) ?? '' }
    default:
      return unreachable(state)
  }
}
