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
  const ranges = accept.split(',').map(parseRange)
  let best: T | undefined
  let bestWish = noWish
  for (const type of offered) {
    const wish = wishFor(type, ranges)
    if (!isMore(wish, bestWish)) continue
    best = type
    bestWish = wish
  }
  return best
}

/** A media range such as `text/*;q=0.8`; `quality` from 0, which refuses, to 1. */
interface MediaRange {
  readonly type: string
  readonly quality: number
}

/** How much a type is wanted. */
interface Wish {
  readonly quality: number
  /** How exactly the range names it: 2 for itself, 0 for any. */
  readonly exactness: number
  /** Where the range stands in the header. */
  readonly place: number
}

const noWish: Wish = { quality: 0, exactness: 0, place: Number.POSITIVE_INFINITY }

function parseRange(text: string): MediaRange {
  const [type, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

/** By the most exact range that holds the type. */
function wishFor(type: string, ranges: readonly MediaRange[]): Wish {
  const anySubtype = `${type.slice(0, type.indexOf('/'))}/*`
  for (const [at, wanted] of [type, anySubtype, '*/*'].entries()) {
    const place = ranges.findIndex((candidate) => candidate.type === wanted)
    if (place >= 0) return { quality: ranges[place].quality, exactness: 2 - at, place }
  }
  return noWish
}

function isMore(one: Wish, other: Wish): boolean {
  if (one.quality !== other.quality) return one.quality > other.quality
  if (one.quality === 0) return false
  return one.exactness !== other.exactness ? one.exactness > other.exactness : one.place < other.place
}
