import type { NamedRuleSet } from '../../gateway/remote/envelopeHeaders'
import { LoadError } from '../../lib/errors'
import { RuleNode } from '../../routing/node/ruleNode'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { nodePlace, openStore } from './openStore'

/** The rules of a process that decides nothing itself, but tells other processes which version decides a request. */
export interface FollowedRules {
  /** The rules that decide new requests; undefined until an active version is known. */
  current(): NamedRuleSet | undefined
  /** Leaves the nodes and closes the store. */
  dispose(): Promise<void>
}

/**
 * Joins as a node that needs no models, so it is prepared for a version as soon as it has the version. Follows nothing if
 * the store is in memory, which no other process can use, or, with a log line, if the store is not available.
 */
export async function followRules(
  config: RuleStoreConfig,
  port: number,
  log: (line: string) => void,
): Promise<FollowedRules> {
  const store = config.place.kind === 'memory' ? undefined : await opened(config, log)
  if (store === undefined) return nothing
  const { node } = config
  // Subgraphs may use the same configuration, and a node's name must be unique.
  const own = { ...config, node: node === undefined ? undefined : `${node}-gateway` }
  const place = nodePlace(own, 'gateway', port)
  let current: NamedRuleSet | undefined
  try {
    const follower = await RuleNode.start({
      node: place.name,
      store,
      file: place.file,
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

async function opened(config: RuleStoreConfig, log: (line: string) => void): Promise<RuleStore | undefined> {
  try {
    const store = await openStore(config, log)
    if (store.kind !== 'memory') return store
    await store.dispose()
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    for (const problem of error.problems) log(problem)
    log('rules: the store is not followed, so each subgraph decides by its own active version')
  }
  return undefined
}
