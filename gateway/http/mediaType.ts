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
  const read = shortAccept(accept)
  // Everything we send is UTF-8, and a client may ask for that.
  const types = new Map(
    offered.flatMap((type) => [[type as string, type] as const, [`${type}; charset=utf-8`, type] as const]),
  )
  return types.get(new Negotiator({ headers: { accept: read } }).mediaType([...types.keys()]) ?? '')
}

/** The part of an `accept` header that is read: one of many kilobytes takes milliseconds. */
export function shortAccept(accept: string): string {
  return accept.length > longestAccept ? accept.slice(0, longestAccept) : accept
}

/** Browsers send less than two hundred characters. */
const longestAccept = 1_000
