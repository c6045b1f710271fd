/** How a body may be sent; the first is the shortest. */
export const encodings = ['br', 'gzip', 'identity'] as const

export type Encoding = (typeof encodings)[number]

/**
 * The encoding that an `accept-encoding` header likes best, among equals the shortest. Without a header, or where it takes none of
 * them, the body is sent as it is, which every client understands.
 */
export function acceptedEncoding(header: string | undefined): Encoding {
  if (header === undefined) return 'identity'
  const qualities = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [name, ...parameters] = part.split(';').map((one) => one.trim())
    const weight = parameters.find((one) => one.startsWith('q='))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    qualities.set(name === 'x-gzip' ? 'gzip' : name, quality >= 0 && quality <= 1 ? quality : 0)
  }
  const others = qualities.get('*')
  // What it does not name it does not take, but for the body as it is, which it takes last.
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

/** Less than any that a header can say, with its three decimals. */
const leastQuality = 0.0001
