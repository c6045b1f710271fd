import { PresageError } from '../lib/errors'

/** The largest page that a client may ask for. */
const MAX_PAGE = 1000

export interface PageArgs {
  readonly first?: number | null
  readonly skip?: number | null
}

/**
 * Cuts a page out of a list. Null counts as absent; without `first` it has `defaultFirst` items. Throws
 * `BAD_USER_INPUT` for an invalid page.
 */
export function page<T>(items: readonly T[], { first, skip }: PageArgs, defaultFirst: number): readonly T[] {
  if (typeof first === 'number' && (first < 0 || first > MAX_PAGE)) {
    throw new PresageError('BAD_USER_INPUT', `first must be 0 to ${MAX_PAGE}, got ${first}`)
  }
  if (typeof skip === 'number' && skip < 0) {
    throw new PresageError('BAD_USER_INPUT', `skip must be 0 or more, got ${skip}`)
  }
  const from = skip ?? 0
  return items.slice(from, from + (first ?? defaultFirst))
}
