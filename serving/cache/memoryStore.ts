import type { Clock } from '../../lib/clock'
import { LruCache } from '../../lib/lruCache'
import type { Metrics } from '../../lib/metrics'
import type { CacheStore, Found } from './cacheStore'
import type { KeptRow } from './keptRow'

export interface MemoryStoreOptions {
  readonly maxEntries: number
  /** Of keys, rows, and what it takes to keep them. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly metrics: Metrics
}

/** In the memory of this process: what was used last stays. */
export class MemoryStore implements CacheStore {
  private readonly entries: LruCache<Entry>
  private readonly clock: Clock
  private readonly evictions: ReturnType<Metrics['counter']>
  private readonly stopGauges: readonly (() => void)[]

  constructor(private readonly options: MemoryStoreOptions) {
    const { maxEntries, maxBytes, clock, metrics } = options
    const entries = new LruCache<Entry>(maxEntries, maxBytes)
    this.entries = entries
    this.clock = clock
    this.evictions = metrics.counter('presage_cache_evictions_total', 'Kept rows that had to make room.')
    const gauge = (name: string, help: string, read: () => number) => metrics.gauge(name, help, {}, read)
    this.stopGauges = [
      gauge('presage_cache_entries', 'Rows that are kept.', () => entries.size),
      gauge('presage_cache_bytes', 'Memory of rows that are kept, about.', () => entries.totalWeight),
    ]
  }

  read(keys: readonly string[]): Found {
    const now = this.clock.now()
    const found: (KeptRow | undefined)[] = new Array(keys.length)
    for (let at = 0; at < keys.length; at++) {
      const entry = this.entries.get(keys[at])
      found[at] = entry !== undefined && now < entry.until ? entry.row : undefined
    }
    return found
  }

  write(keys: readonly string[], rows: readonly KeptRow[], ttlMs: number): void {
    const until = this.clock.now() + ttlMs
    let evicted = 0
    for (let at = 0; at < keys.length; at++) {
      const weight = entryBytes + rows[at].bytes.length
      // It would push out all others first.
      if (weight > this.options.maxBytes) continue
      evicted += this.entries.set(keys[at], { row: rows[at], until }, weight)
    }
    if (evicted > 0) this.evictions.inc(evicted)
  }

  async dispose(): Promise<void> {
    for (const stop of this.stopGauges) stop()
  }
}

/** Key, objects and their places in tables, measured with 200,000 entries. */
const entryBytes = 450

interface Entry {
  readonly row: KeptRow
  /** The clock's milliseconds. */
  readonly until: number
}
