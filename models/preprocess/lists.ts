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
  return new Array(length).fill(item)
}
