/** Entries of things that come and go, kept for a while when idle: a new one each time would cost more. */
export class ReusedEntries<V> {
  private readonly entries = new Map<string, V>()

  constructor(
    private readonly make: (key: string) => V,
    /** Whether an entry is unused now. */
    private readonly isIdle: (entry: V) => boolean,
  ) {}

  get(key: string): V | undefined {
    return this.entries.get(key)
  }

  /** The entry of a key, made if there is none; `used` is the number of entries in use. */
  getOrMake(key: string, used: number): V {
    let entry = this.entries.get(key)
    if (entry === undefined) {
      if (this.entries.size >= mostIdle + 2 * used) this.forgetIdle()
      entry = this.make(key)
      this.entries.set(key, entry)
    }
    return entry
  }

  private forgetIdle(): void {
    for (const [key, entry] of this.entries) if (this.isIdle(entry)) this.entries.delete(key)
  }
}

/** At least this many idle entries are kept. */
const mostIdle = 64
