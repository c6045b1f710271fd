/** The value of a key, made and put there if there is none. */
export function getOrMake<K, V extends object>(known: Known<K, V>, key: K, make: () => V): V {
  let value = known.get(key)
  if (value === undefined) {
    value = make()
    known.set(key, value)
  }
  return value
}

/** A Map or a WeakMap. */
export interface Known<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

/** Called for each row: makes no function. */
export function addTo<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** The items by their keys; keys and items keep their order. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) addTo(groups, keyOf(item), item)
  return groups
}
