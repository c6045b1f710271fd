import type { ResponsePath } from 'graphql'

export function addPath(
  prev: ResponsePath | undefined,
  key: string | number,
  typename: string | undefined,
): ResponsePath {
  return { prev, key, typename }
}

/** The keys from the root. */
export function pathKeys(path: ResponsePath | undefined): readonly (string | number)[] {
  let depth = 0
  for (let at = path; at !== undefined; at = at.prev) depth++
  const keys: (string | number)[] = new Array(depth)
  for (let at = path; at !== undefined; at = at.prev) keys[--depth] = at.key
  return keys
}

/**
 * How many rows from `from` on, and before `to`, stand in consecutive items of one list. `end` is the first row that
 * does not; `keysBelow` is the number of keys between an item and its row.
 */
export function itemsInList(
  rows: { pathOf(row: number): ResponsePath | undefined },
  from: number,
  to: number,
): { readonly end: number; readonly keysBelow: number } {
  let last = rows.pathOf(from)
  let keysBelow = -1
  let end = from + 1
  for (; end < to; end++) {
    const path = rows.pathOf(end)
    const keys = keysBelowNext(last, path)
    if (keys === -1) break
    keysBelow = keys
    last = path
  }
  return { end, keysBelow }
}

/** If `next` leads to the next item of the same list as `path`, the number of keys below the item; else -1. */
function keysBelowNext(path: ResponsePath | undefined, next: ResponsePath | undefined): number {
  let one = path
  let other = next
  for (let keys = 0; one !== undefined && other !== undefined; keys++) {
    if (typeof one.key === 'number') return one.prev === other.prev && other.key === one.key + 1 ? keys : -1
    if (one.key !== other.key) return -1
    one = one.prev
    other = other.prev
  }
  return -1
}
