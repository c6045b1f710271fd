import type { Clock } from '../../lib/clock'
import { LruCache } from '../../lib/lruCache'
import type { Metrics } from '../../lib/metrics'
import type { CacheStore, Found } from './cacheStore'
import type { KeptRow } from './keptRow'

export interface MemoryStoreOptions {
  readonly maxEntries: number
  /** Bytes of keys, rows and overhead. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly metrics: Metrics
}

/** Keeps rows in the memory of this process. The least recently used are dropped first. */
export class MemoryStore implements CacheStore {
  private readonly entries: LruCache<Entry>
  private readonly evictions: ReturnType<Metrics['counter']>
  private readonly stopGauges: readonly (() => void)[]

  constructor(private readonly options: MemoryStoreOptions) {
    const { maxEntries, maxBytes, metrics } = options
    const entries = new LruCache<Entry>(maxEntries, maxBytes)
    this.entries = entries
    this.evictions = metrics.counter('presage_cache_evictions_total', 'Rows evicted to make room.')
    const gauge = (name: string, help: string, read: () => number) => metrics.gauge(name, help, {}, read)
    this.stopGauges = [
      gauge('presage_cache_entries', 'Rows in the cache.', () => entries.size),
      gauge('presage_cache_bytes', 'Approximate memory of the rows in the cache.', () => entries.totalWeight),
    ]
  }

  read(keys: readonly string[]): Found {
    const now = this.options.clock.now()
    const found: (KeptRow | undefined)[] = new Array(keys.length)
    for (let at = 0; at < keys.length; at++) {
      const entry = this.entries.get(keys[at])
      found[at] = entry !== undefined && now < entry.until ? entry.row : undefined
    }
    return found
  }

  write(keys: readonly string[], rows: readonly KeptRow[], ttlMs: number): void {
    const until = this.options.clock.now() + ttlMs
    let evicted = 0
    for (let at = 0; at < keys.length; at++) {
      const weight = entryBytes + rows[at].bytes.length
      evicted += this.entries.set(keys[at], { row: rows[at], until }, weight)
    }
    if (evicted > 0) this.evictions.inc(evicted)
  }

  async dispose(): Promise<void> {
    for (const stop of this.stopGauges) stop()
  }
}

/** The approximate bytes of a key, its objects and their table entries. */
const entryBytes = 450

interface Entry {
  readonly row: KeptRow
  /** In the clock's milliseconds. */
  readonly until: number
}
