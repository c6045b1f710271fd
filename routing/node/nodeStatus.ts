import type { VersionInfo } from '../store/ruleSetVersion'

/** How a node stands to its store. */
export type NodeState =
  /** Nothing answers yet: the store has no active version, or cannot be asked and nothing is remembered. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'current' }
  /** Held at a version, whatever is active. */
  | { readonly kind: 'pinned'; readonly active: number | undefined }
  /** Serves another version than the one that it should, until it is prepared or the reason is gone. */
  | { readonly kind: 'behind'; readonly target: number; readonly why: string }
  /** Serves on what it has, since the store cannot be followed. */
  | { readonly kind: 'stale'; readonly cause: StaleCause; readonly why: string; readonly forMs: number }

/**
 * `unreachable`: no answer. `lost`: it came back without what it held; `restore` helps. `another store`: it was made anew after that.
 */
export type StaleCause = 'unreachable' | 'lost' | 'another store'

export interface NodeStatus {
  readonly node: string
  readonly state: NodeState
  /** What answers here; `epoch` is that of the flip that was followed. */
  readonly inEffect?: VersionInfo & { readonly epoch: number }
  /** Whether it is prepared for what answers. */
  readonly isReady: boolean
  /** Versions that it could serve at once. */
  readonly prepared: readonly number[]
  /** By version: why it could not. */
  readonly problems: Readonly<Record<string, readonly string[]>>
}
