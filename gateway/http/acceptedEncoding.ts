import Negotiator from 'negotiator'

/** Encodings of a body, from shortest to longest. */
const encodings = ['br', 'gzip', 'identity'] as const

export type Encoding = (typeof encodings)[number]

/** The encoding that an `accept-encoding` header prefers; `identity` if it accepts none of ours. */
export function acceptedEncoding(header = ''): Encoding {
  const headers = { 'accept-encoding': header.replace(/x-gzip/i, 'gzip') }
  const negotiator = new Negotiator({ headers }) as EncodingChoice
  return negotiator.encoding(encodings, { preferred: encodings }) ?? 'identity'
}

/** The library's types lack the order of encodings that a client likes equally. */
interface EncodingChoice {
  encoding(offered: readonly Encoding[], options: { preferred: readonly Encoding[] }): Encoding | undefined
}
