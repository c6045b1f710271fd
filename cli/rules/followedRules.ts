import type { NamedRuleSet } from '../../gateway/remote/envelopeHeaders'
import { LoadError } from '../../lib/errors'
import { RuleNode } from '../../routing/node/ruleNode'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { RuleStoreConfig } from '../config/rulesConfig'
import { nodePlace, openStore, portOf } from './openStore'

/** The rules of a process that decides nothing itself, and tells others by which version a request is decided. */
export interface FollowedRules {
  /** What requests that begin now are decided by; undefined as long as nothing is known to be active. */
  current(): NamedRuleSet | undefined
  /** Leaves the nodes and the store. */
  dispose(): Promise<void>
}

/**
 * Joins the nodes as one that needs no models: it is prepared for a version as soon as it has it. Versions that are kept in memory are
 * nobody else's, so that there is nothing to follow; nor is there, with a line, where the store cannot be had.
 */
export async function followRules(
  config: RuleStoreConfig,
  port: number,
  log: (line: string) => void,
): Promise<FollowedRules> {
  const store = config.place.kind === 'memory' ? undefined : await opened(config, log)
  if (store === undefined) return nothing
  const { node } = config
  // Subgraphs may be started with the same configuration, and a name is of one process.
  const own = { ...config, node: node === undefined ? undefined : `${node}-gateway` }
  const place = nodePlace(own, 'gateway', portOf(port))
  let current: NamedRuleSet | undefined
  try {
    const follower = await RuleNode.start({
      node: place.name,
      store,
      ...(place.file !== undefined && { file: place.file }),
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
    log('rules: the store is not followed, so that each subgraph decides by what is active there')
  }
  return undefined
}
