import Negotiator from 'negotiator'

/** Encodings of a body, from shortest to longest. */
const encodings = ['br', 'gzip', 'identity'] as const

export type Encoding = (typeof encodings)[number]

/** The encoding that an `accept-encoding` header prefers; `identity` if it accepts none of ours. */
export function acceptedEncoding(header = ''): Encoding {
  const headers = { 'accept-encoding': header.slice(0, longestRead).replace(/x-gzip/i, 'gzip') }
  const negotiator: EncodingChoice = new Negotiator({ headers })
  return (negotiator.encoding(encodings, { preferred: encodings }) as Encoding | undefined) ?? 'identity'
}

/** The library's types lack the order of encodings that a client likes equally. */
interface EncodingChoice {
  encoding(offered: readonly string[], options: { preferred: readonly string[] }): string | undefined
}

/** To read a header of many kilobytes would take milliseconds. */
const longestRead = 1_000
