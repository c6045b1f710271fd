/**
 * A cache that drops the least recently used entries, bounded in number and in total weight. For text from clients the
 * weight is its length, so that large documents cannot fill the memory.
 */
export class LruCache<V> {
  private readonly entries = new Map<string, Entry<V>>()
  /** The entry used last. */
  private newest: Entry<V> | undefined
  private weight = 0

  constructor(
    private readonly maxEntries: number,
    private readonly maxWeight: number,
    /** Called with each value that is evicted, or too heavy to be kept. */
    private readonly onEvicted: (value: V) => void = () => {},
  ) {}

  get size(): number {
    return this.entries.size
  }

  get(key: string): V | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    if (entry !== this.newest) {
      // A Map iterates in insertion order, so the entry moves to the end, and the oldest is first.
      this.entries.delete(key)
      this.entries.set(key, entry)
      this.newest = entry
    }
    return entry.value
  }

  /** The weight of all entries. */
  get totalWeight(): number {
    return this.weight
  }

  /** Returns how many others were evicted. A value that is too heavy by itself is not kept, and they stay. */
  set(key: string, value: V, weight: number): number {
    let evicted = 0
    this.delete(key)
    if (weight > this.maxWeight) {
      this.onEvicted(value)
      return 0
    }
    this.newest = { value, weight }
    this.entries.set(key, this.newest)
    this.weight += weight
    for (const [oldest, entry] of this.entries) {
      if (this.entries.size <= this.maxEntries && this.weight <= this.maxWeight) break
      this.delete(oldest)
      this.onEvicted(entry.value)
      evicted++
    }
    return evicted
  }

  delete(key: string): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    this.weight -= entry.weight
    if (entry === this.newest) this.newest = undefined
  }
}

interface Entry<V> {
  readonly value: V
  readonly weight: number
}
