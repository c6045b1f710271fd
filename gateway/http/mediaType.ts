import Negotiator from 'negotiator'

/**
 * The type among those offered, written as `type/subtype`, that an `accept` header likes best; among equals the one that it names more
 * exactly, then the one that it names first, then the first: as Apollo Server chooses. Undefined where it takes none of them. No header
 * takes all.
 */
export function preferredType<T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | undefined {
  if (accept === undefined || accept === '') return offered[0]
  // All that we send is UTF-8, and a client may say so.
  const types = new Map(
    offered.flatMap((type) => [[type as string, type] as const, [`${type}; charset=utf-8`, type] as const]),
  )
  return types.get(new Negotiator({ headers: { accept } }).mediaType([...types.keys()]) ?? '')
}
