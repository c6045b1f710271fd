import { LoadError } from '../../lib/errors'
import type { FoundVersion, RepositoryVersion } from '../../models/repository/repository'
import { loadVersion } from './loadVersion'
import { type ModelHost, shardsNamed } from './modelHost'
import { refusedBy, type VersionStatus } from './modelRegistry'

/** Brings every version into service, or logs in one line why not. Resolves when each is ready or refused. */
export function loadVersions(
  versions: readonly RepositoryVersion[],
  shardsOf: (key: string) => readonly string[],
  host: ModelHost,
  log: (line: string) => void,
): Promise<void> {
  const { registry, objectives, clock } = host
  // Rules that place a version elsewhere may be put into effect while it loads.
  const places = new Map(versions.map(({ key }) => [key, shardsOf(key)]))
  const set = (version: RepositoryVersion, state: VersionStatus['state']) => {
    const { key, name, version: number } = version
    registry.set({ key, name, version: number, shards: places.get(key)!, state })
    if (state.is === 'refused') log(`${key} is not ready: ${state.reason}`)
  }
  for (const version of versions) {
    if (version.state === 'refused') set(version, { is: 'refused', reason: version.reason })
    else set(version, { is: 'loading' })
  }
  const loads = largestFirst(versions).map(async (version) => {
    try {
      const placed = shardsNamed(host, places.get(version.key)!)
      const model = await loadVersion(version, placed, objectives, clock)
      set(version, { is: 'ready', model })
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      set(version, refusedBy(error))
    }
  })
  return Promise.all(loads).then(() => {})
}

/** Largest first: what the runtime frees after reading a large graph has room for smaller ones. */
function largestFirst(versions: readonly RepositoryVersion[]): FoundVersion[] {
  return versions
    .filter((version) => version.state !== 'refused')
    .sort((a, b) => b.manifest.graph.bytes - a.manifest.graph.bytes)
}
