/**
 * The type among those offered, written as `type/subtype`, that an `accept` header likes best; among equals the first.
 * Undefined where it takes none of them. No header takes all.
 */
export function preferredType<T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | undefined {
  if (accept === undefined || accept === '') return offered[0]
  const ranges = accept.split(',').map(parseRange)
  let best: T | undefined
  let bestQuality = 0
  for (const type of offered) {
    const quality = qualityOf(type, ranges)
    if (quality <= bestQuality) continue
    best = type
    bestQuality = quality
  }
  return best
}

/** A media range such as `text/*;q=0.8`; `quality` from 0, which refuses, to 1. */
interface MediaRange {
  readonly type: string
  readonly quality: number
}

function parseRange(text: string): MediaRange {
  const [type, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

/** That of the most specific range that holds the type. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const anySubtype = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, anySubtype, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === wanted)
    if (range !== undefined) return range.quality
  }
  return 0
}
