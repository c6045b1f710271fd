import type { Known } from './groups'

/** Makes one value for each key, when it is first asked for. Undefined is not kept: it is asked for again. */
export function memoized<K, V>(make: (key: K) => V, known: Known<K, V> = new Map<K, V>()): (key: K) => V {
  return (key) => {
    let value = known.get(key)
    if (value === undefined) {
      value = make(key)
      if (value !== undefined) known.set(key, value)
    }
    return value as V
  }
}

/**
 * The same for keys that come from elsewhere and have no limit, such as the names of types in answers: once there are so
 * many, all values are made anew.
 */
export function memoizedUpTo<K, V>(most: number, make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return memoized((key: K) => {
    if (known.size >= most) known.clear()
    return make(key)
  }, known)
}

/** The same for objects, as long as somebody else keeps them. */
export function memoizedWeakly<K extends object, V>(make: (key: K) => V): (key: K) => V {
  return memoized(make, new WeakMap<K, V>())
}

/** Numbers things from 0 on, in the order in which they are first asked for. */
export function numbering<K>(): (key: K) => number {
  let next = 0
  return memoized((_: K) => next++)
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

interface Entry<K, V> {
  readonly key: K
  value: V
  readonly next: Entry<K, V> | undefined
}
