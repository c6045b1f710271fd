import { LoadError } from '../lib/errors'
import type { RepositoryVersion } from '../models/repository'
import { loadVersion } from './loadVersion'
import type { VersionStatus } from './modelRegistry'
import type { Serving } from './serving'

/**
 * Brings every version of the repository into service, or says in one line why it is not. The statuses are known at
 * once; the promise settles when each of them is ready or refused.
 */
export function loadVersions(
  versions: readonly RepositoryVersion[],
  shardsOf: (key: string) => readonly string[],
  serving: Serving,
  log: (line: string) => void,
): Promise<void> {
  const set = (version: RepositoryVersion, state: VersionStatus['state']) => {
    const { key, name, version: number } = version
    serving.registry.set({ key, name, version: number, shards: shardsOf(key), state })
    if (state.is === 'refused') log(`${key} is not ready: ${state.reason}`)
  }
  const loads = versions.map(async (version) => {
    if (version.state === 'refused') return set(version, { is: 'refused', reason: version.reason })
    set(version, { is: 'loading' })
    try {
      const shards = shardsOf(version.key).map((name) => serving.shards.get(name)!)
      const model = await loadVersion(version, shards, serving.objectives, serving.clock)
      set(version, { is: 'ready', model })
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      set(version, { is: 'refused', reason: error.message })
    }
  })
  return Promise.all(loads).then(() => {})
}
