import type { NamedRuleSet } from '../../gateway/remote/envelopeHeaders'
import { RuleNode } from '../../routing/node/ruleNode'
import { FileBackend } from '../../routing/store/fileStore'
import { RuleStore } from '../../routing/store/ruleStore'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { nodePlace, openStore, ruleStoreAt } from './openStore'

/** The rules of a process that decides nothing itself, but tells other processes which version decides a request. */
export interface FollowedRules {
  /** The rules that decide new requests; undefined until an active version is known. */
  current(): NamedRuleSet | undefined
  /** Leaves the nodes and closes the store. */
  dispose(): Promise<void>
}

/**
 * Joins as a node that needs no models, so it is prepared for a version as soon as it has the version. Follows nothing if
 * the store is in memory, which no other process can use.
 */
export async function followRules(
  config: RuleStoreConfig,
  port: number,
  log: (line: string) => void,
): Promise<FollowedRules> {
  const { place, at } = config
  if (place.kind === 'memory') return nothing
  // A folder that cannot be had now is followed once it can, as a Redis is.
  const store =
    place.kind === 'files'
      ? new RuleStore(new FileBackend({ folder: place.folder, what: ruleStoreAt(at) }))
      : await openStore(config, log)
  const { node } = config
  // Subgraphs may use the same configuration, and a node's name must be unique.
  const own = { ...config, node: node === undefined ? undefined : `${node}-gateway` }
  const { name, file } = nodePlace(own, 'gateway', port)
  let current: NamedRuleSet | undefined
  try {
    const follower = await RuleNode.start({
      node: name,
      store,
      file,
      prepare: async () => [],
      activate: ({ number, sha256 }) => {
        current = { number, sha256 }
      },
      log,
    })
    return {
      current: () => current,
      async dispose() {
        await follower.dispose()
        await store.dispose()
      },
    }
  } catch (error) {
    await store.dispose()
    throw error
  }
}

const nothing: FollowedRules = { current: () => undefined, dispose: async () => {} }
