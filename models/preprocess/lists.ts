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

/** A list of one repeated value, with the length that the feature requires. */
export function listLike(item: unknown, { length = 1 }: FeatureSpec): readonly unknown[] {
  return repeated(item, length)
}

/**
 * Makes a list by JSON, as clients' lists are made. V8's loops are fast only if they see few kinds of arrays, and
 * warm-up rows must not add another kind. (An array literal that was once filled with texts creates generic arrays from
 * then on, and slows down the loops that see them.)
 */
export function repeated(item: unknown, length: number): readonly unknown[] {
  return JSON.parse(JSON.stringify(new Array(length).fill(item))) as readonly unknown[]
}
