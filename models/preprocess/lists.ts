import type { FeatureSpec } from '../manifest'

/** What the first refused item of a list (or null) was expected to be. */
export function firstRefusal(
  list: unknown,
  refuse: (item: unknown) => string | undefined,
): string | undefined {
  const items = (list ?? []) as readonly unknown[]
  for (let at = 0; at < items.length; at++) {
    const expectation = refuse(items[at])
    if (expectation !== undefined) return `item ${at} ${expectation}`
  }
  return undefined
}

/** A list of one value that is as long as the feature must be. */
export function listLike(item: unknown, { length = 1 }: FeatureSpec): readonly unknown[] {
  return repeated(item, length)
}

/**
 * A list as clients' lists are made: item by item. The engine's loops are fast for few kinds of arrays, and rows that
 * only warm up must not add `new Array(length)` to them.
 */
export function repeated(item: unknown, length: number): readonly unknown[] {
  const list: unknown[] = []
  for (let at = 0; at < length; at++) list.push(item)
  return list
}
