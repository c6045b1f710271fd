import type { FeatureSpec } from '../contracts/manifest'
import { type Demand, demandOf } from './step'

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

/** The demand that `refuse` accepts each item of a list; `items` are some that it does. */
export function listDemand(
  position: number,
  { length = 1 }: FeatureSpec,
  refuse: Demand['check'] | undefined,
  items: readonly unknown[],
): readonly Demand[] {
  const check = refuse && ((list: unknown) => firstRefusal(list, refuse))
  // With the length that the feature requires.
  return demandOf(position, check, () => items.map((item) => repeated(item, length)))
}

/**
 * Makes a list by JSON, as clients' lists are made. V8's loops are fast only if they see few kinds of arrays, and
 * warm-up rows must not add another kind. (An array literal that was once filled with texts creates generic arrays from
 * then on, and slows down the loops that see them.)
 */
export function repeated(item: unknown, length: number): readonly unknown[] {
  return JSON.parse(JSON.stringify(new Array(length).fill(item))) as readonly unknown[]
}
