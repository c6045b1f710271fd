import type { NumberArray } from './elementType'

/**
 * Whether all items are numbers that are finite as float32. Rows consist mostly of lists of numbers, so this checks
 * four at a time and sums up instead of branching: a number minus itself is 0 unless it is infinite or NaN.
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

/** The columns of lists that were checked last: they are read soon after, in the same turn. */
const checked: (readonly unknown[] | undefined)[] = new Array(8).fill(undefined)
let lastChecked = 0

/**
 * Says that `areFloat32` is true for all lists of a column, so that they need not be checked again. A WeakSet would take a
 * microsecond, and a property would make such columns another kind of array to V8, which slows all who read columns.
 */
export function markChecked(column: readonly unknown[]): void {
  lastChecked = (lastChecked + 1) % checked.length
  checked[lastChecked] = column
}

/** Whether a column was marked lately. */
export function isChecked(column: readonly unknown[]): boolean {
  for (let at = 0; at < checked.length; at++) if (checked[at] === column) return true
  return false
}

/** Rounding turns numbers beyond float32 into infinity. */
function difference(value: number): number {
  const rounded = Math.fround(value)
  return rounded - rounded
}

/** Writes the first `count` items from `start` on. A typed array turns Booleans into 0 or 1 itself. */
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
