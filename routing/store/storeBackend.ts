import type { Head } from './head'
import type { NodeReport } from './lease'
import type { RuleSetVersion, VersionInfo } from './ruleSetVersion'

/** The head as it was read, with what `commit` knows it by. */
export interface SeenHead {
  readonly head: Head
  readonly token: string
}

/**
 * Where a rule store keeps what it keeps: memory, a folder or Redis. What the values mean is RuleStore's affair, so that all three
 * behave alike. Where the place cannot be reached in its time, everything rejects with `STORE_UNREACHABLE`.
 */
export interface StoreBackend {
  readonly kind: string
  readHead(): Promise<SeenHead>
  /**
   * The one way to change anything: exchanges the head and adds versions, all or nothing, and tells watchers. False, and nothing done,
   * if the head is not the seen one any more. Versions whose numbers are there already are never written over.
   */
  commit(seen: SeenHead, next: Head, versions: readonly RuleSetVersion[]): Promise<boolean>
  readVersion(number: number): Promise<RuleSetVersion | undefined>
  /** The same without its text, which may be long. */
  readInfo(number: number): Promise<VersionInfo | undefined>
  /** In any order. */
  readInfos(): Promise<readonly VersionInfo[]>
  /** Replaces the node's report; it is forgotten after `ttlMs`. */
  writeReport(report: NodeReport, ttlMs: number): Promise<void>
  /** Reports that are not forgotten yet, in any order. */
  readReports(): Promise<readonly NodeReport[]>
  removeReport(node: string): Promise<void>
  /** Calls back soon after the head may have changed; neither every time nor only then. The returned function ends it. */
  watch(listener: () => void): () => void
  dispose(): Promise<void>
}
