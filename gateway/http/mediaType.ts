import Negotiator from 'negotiator'

/**
 * The offered type, written as `type/subtype`, that an `accept` header prefers. Ties go to the type that the header
 * names more exactly, then to the one that it names first, then to the first offered, as in Apollo Server. Undefined if
 * it accepts none. A missing header accepts all.
 */
export function preferredType<T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | undefined {
  if (accept === undefined || accept === '') return offered[0]
  // Everything we send is UTF-8, and a client may ask for that.
  const types = new Map(
    offered.flatMap((type) => [[type as string, type] as const, [`${type}; charset=utf-8`, type] as const]),
  )
  return types.get(new Negotiator({ headers: { accept } }).mediaType([...types.keys()]) ?? '')
}
