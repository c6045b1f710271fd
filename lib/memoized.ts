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

/** The same for objects, as long as somebody else keeps them. */
export function memoizedWeakly<K extends object, V>(make: (key: K) => V): (key: K) => V {
  return memoized(make, new WeakMap<K, V>())
}

/** Numbers things from 0 on, in the order in which they are first asked for. */
export function numbering<K>(): (key: K) => number {
  let next = 0
  return memoized((_: K) => next++)
}

interface Known<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}
