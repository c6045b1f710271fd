import type { Head } from './head'
import type { NodeReport } from './lease'
import type { RuleSetVersion, VersionInfo } from './ruleSetVersion'

/** The head as it was read, with a token that identifies it for `commit`. */
export interface SeenHead {
  readonly head: Head
  readonly token: string
}

/**
 * Where a rule store keeps its data: memory, a folder or Redis. RuleStore alone interprets the data, so that all three
 * behave alike. All methods reject with `STORE_UNREACHABLE` if the backend does not answer in time.
 */
export interface StoreBackend {
  readonly kind: string
  readHead(): Promise<SeenHead>
  /**
   * The only way to change anything: replaces the head and adds versions, all or nothing, and notifies watchers.
   * Returns false, with nothing done, if the head is no longer the seen one. Existing versions are never overwritten.
   */
  commit(seen: SeenHead, next: Head, versions: readonly RuleSetVersion[]): Promise<boolean>
  readVersion(number: number): Promise<RuleSetVersion | undefined>
  /** Whether it has a version with its text, however broken, without reading the text. */
  hasVersion(number: number): Promise<boolean>
  /** All of them without their texts, which may be long, in any order. */
  readInfos(): Promise<readonly VersionInfo[]>
  /** Replaces the node's report, whoever wrote it. It expires after `ttlMs`. */
  writeReport(report: NodeReport, ttlMs: number, writer: string): Promise<void>
  /** Reports that have not expired, in any order. */
  readReports(): Promise<readonly NodeReport[]>
  /** Removes the node's report, unless another writer has replaced it. */
  removeReport(node: string, writer: string): Promise<void>
  /** Calls soon after the head may have changed, not always and not only then. The returned function ends it. */
  watch(listener: () => void): () => void
  dispose(): Promise<void>
}
