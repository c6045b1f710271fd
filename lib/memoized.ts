/** Makes one value for each key, when it is first asked for. Undefined is not kept: it is asked for again. */
export function memoized<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
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
  const known = new WeakMap<K, V>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) {
      value = make(key)
      if (value !== undefined) known.set(key, value)
    }
    return value as V
  }
}
