import type { KeptRow } from './keptRow'

export interface CacheStore {
  /**
   * The cached row of each key; undefined for a row that is not cached or cannot be read in time. Returns a promise
   * only if reading takes time; it never rejects, and settles by `deadline`, in the clock's milliseconds.
   */
  read(keys: readonly string[], deadline: number): Found | Promise<Found>
  /** Stores rows for `ttlMs` milliseconds, if there is room. Does not wait. */
  write(keys: readonly string[], rows: readonly KeptRow[], ttlMs: number): void
  dispose(): Promise<void>
}

export type Found = readonly (KeptRow | undefined)[]
