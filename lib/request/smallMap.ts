interface Entry<K, V> {
  readonly key: K
  value: V
  readonly next: Entry<K, V> | undefined
}

/**
 * A map for a few keys, with linear search. Within one request, creating a Map would cost more than all its lookups.
 */
export class SmallMap<K, V> {
  private last: Entry<K, V> | undefined

  get(key: K): V | undefined {
    return this.find(key)?.value
  }

  set(key: K, value: V): void {
    const entry = this.find(key)
    if (entry === undefined) this.last = { key, value, next: this.last }
    else entry.value = value
  }

  private find(key: K): Entry<K, V> | undefined {
    let entry = this.last
    while (entry !== undefined && entry.key !== key) entry = entry.next
    return entry
  }
}
