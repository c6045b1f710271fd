import type { KeptRow } from './keptRow'

/** Where kept rows lie. */
export interface CacheStore {
  /**
   * By key, what is kept; undefined where nothing is, or nothing can be had in time. A promise only where one has to wait, and
   * that never rejects. Nobody is kept waiting beyond `deadline`, in the clock's milliseconds.
   */
  read(keys: readonly string[], deadline: number): Found | Promise<Found>
  /** Keeps rows for `ttlMs` milliseconds, if there is room. Waits for nothing. */
  write(keys: readonly string[], rows: readonly KeptRow[], ttlMs: number): void
  dispose(): Promise<void>
}

export type Found = readonly (KeptRow | undefined)[]
