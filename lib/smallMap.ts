interface Entry<K, V> {
  readonly key: K
  value: V
  readonly next: Entry<K, V> | undefined
}

/** A map of so few keys that they are looked through, as one request has them: a Map takes more to make than all that is asked of it. */
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
