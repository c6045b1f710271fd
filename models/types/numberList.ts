import type { NumberArray } from './elementType'

/**
 * Whether all items are numbers that are finite as float32. Lists of numbers are most of what rows hold, so they are looked
 * at four at a time, and not asked one by one: a difference of a number and itself is 0 unless it is infinite or NaN.
 */
export function areFloat32(items: readonly unknown[]): boolean {
  const { length } = items
  let first = 0
  let second = 0
  let at = 0
  for (; at + 3 < length; at += 4) {
    const a = items[at]
    const b = items[at + 1]
    const c = items[at + 2]
    const d = items[at + 3]
    if (typeof a !== 'number' || typeof b !== 'number') return false
    if (typeof c !== 'number' || typeof d !== 'number') return false
    first += difference(a) + difference(b)
    second += difference(c) + difference(d)
  }
  for (; at < length; at++) {
    const item = items[at]
    if (typeof item !== 'number') return false
    first += difference(item)
  }
  return first + second === 0
}

/**
 * Columns whose lists `areFloat32` was true of when they were read: lists of numbers are most of what rows hold, so nobody looks at them twice.
 */
export const float32Lists = new WeakSet<readonly unknown[]>()

/** Rounding turns what lies beyond float32 into infinity. */
function difference(value: number): number {
  const rounded = Math.fround(value)
  return rounded - rounded
}

/** Writes the first `count` items from `start` on. A typed array makes numbers of Booleans itself: 0 or 1. */
export function copyNumbers(
  items: readonly unknown[],
  count: number,
  target: NumberArray,
  start: number,
): void {
  let at = 0
  let to = start
  for (; at + 3 < count; at += 4, to += 4) {
    target[to] = items[at] as number
    target[to + 1] = items[at + 1] as number
    target[to + 2] = items[at + 2] as number
    target[to + 3] = items[at + 3] as number
  }
  for (; at < count; at++, to++) target[to] = items[at] as number
}
