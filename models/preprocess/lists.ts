import type { FeatureSpec } from '../contracts/manifest'

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
 * A list as clients' lists are made: by JSON. The engine's loops are fast for few kinds of arrays, and rows that only warm up must
 * add none. A literal that is filled with texts once makes lists of numbers to lists of anything from then on, and loops
 * that have met such a one make others like it.
 */
export function repeated(item: unknown, length: number): readonly unknown[] {
  return JSON.parse(JSON.stringify(new Array(length).fill(item))) as readonly unknown[]
}
