import type { ResponsePath } from 'graphql'

export function addPath(
  prev: ResponsePath | undefined,
  key: string | number,
  typename: string | undefined,
): ResponsePath {
  return { prev, key, typename }
}

/** Keys from the root. */
export function pathKeys(path: ResponsePath | undefined): readonly (string | number)[] {
  let depth = 0
  for (let at = path; at !== undefined; at = at.prev) depth++
  const keys: (string | number)[] = new Array(depth)
  for (let at = path; at !== undefined; at = at.prev) keys[--depth] = at.key
  return keys
}

/**
 * How far rows from `from` on, up to `to`, stand in items of one list that follow each other: the row after the last of
 * them, and how many keys there are below an item until the row.
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

/** Whether a path leads to the next item of the same list as another: how many keys stand below the item, else -1. */
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
