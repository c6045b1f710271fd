import type { VersionInfo } from '../store/ruleSetVersion'

export type NodeState =
  /** No version is in effect yet: the store has none active, or it cannot be reached and no copy is known. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'current' }
  /** Pinned at a version, whichever is active. */
  | { readonly kind: 'pinned'; readonly active: number | undefined }
  /** Serves another version than it should, until that one is prepared or the problem is solved. */
  | { readonly kind: 'behind'; readonly target: number; readonly why: string }
  /** Keeps serving what it has, because the store cannot be followed. */
  | { readonly kind: 'stale'; readonly cause: StaleCause; readonly why: string }

/** `unreachable`: no answer. `lost`: back without data; `restore` helps. `another store`: created anew since. */
export type StaleCause = 'unreachable' | 'lost' | 'another store'

export interface NodeStatus {
  readonly node: string
  readonly state: NodeState
  /** The version in effect; `epoch` is that of the activation that was followed. */
  readonly inEffect?: VersionInfo & { readonly epoch: number }
  /**
   * Whether the version in effect is fully prepared, and has been at least once, since the start, the one that should be
   * in effect.
   */
  readonly isReady: boolean
  /** That no activation waits for this node, since it cannot report to the store, and why it cannot. */
  readonly silence?: string
  /** Versions that could be served at once. */
  readonly prepared: readonly number[]
  /** By version, why it cannot be served. */
  readonly problems: Readonly<Record<string, readonly string[]>>
}
