/** Encodings of a body, from shortest to longest. */
export const encodings = ['br', 'gzip', 'identity'] as const

export type Encoding = (typeof encodings)[number]

/**
 * The encoding that an `accept-encoding` header prefers; among equals, the shortest. Returns `identity` if there is no
 * header or it accepts none of them: every client understands that.
 */
export function acceptedEncoding(header: string | undefined): Encoding {
  if (header === undefined) return 'identity'
  const qualities = new Map<string, number>()
  for (const part of header.slice(0, longestRead).toLowerCase().split(',')) {
    const [name, ...parameters] = part.split(';').map((one) => one.trim())
    const weight = parameters.find((one) => one.startsWith('q='))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    qualities.set(name === 'x-gzip' ? 'gzip' : name, quality >= 0 && quality <= 1 ? quality : 0)
  }
  const others = qualities.get('*')
  // Encodings that the header does not name are not accepted, except `identity`, which comes last.
  const qualityOf = (encoding: Encoding) =>
    qualities.get(encoding) ?? (encoding === 'identity' ? leastQuality : (others ?? 0))
  let best: Encoding = 'identity'
  let bestQuality = 0
  for (const encoding of encodings) {
    const quality = qualityOf(encoding)
    if (quality <= bestQuality) continue
    best = encoding
    bestQuality = quality
  }
  return best
}

/** To read a header of many kilobytes would take milliseconds. */
const longestRead = 1_000

/** Less than any weight of a header, which has at most three decimals. */
const leastQuality = 0.0001
