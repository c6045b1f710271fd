import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'
import type { ClientRequest, Context } from '../../lib/request/clientRequest'
import { type ContextType, contextValue } from '../../lib/request/contextValue'
import { claimAt } from './claims'
import type { Claims } from './tokenVerifier'

/**
 * Where a key of the request's context comes from, and its type. `edge`, the default: a header that only trusted
 * proxies may set; `client`: a header that anybody may set; `token`: a verified claim.
 */
export type ContextSource = { readonly type: ContextType } & (
  | { readonly from?: 'edge' | 'client'; readonly header: string }
  | { readonly from: 'token'; readonly claim: string }
)

/** With this header a client says how long it will wait, in milliseconds. */
const timeoutHeader = 'x-presage-timeout-ms'

/** What is known of a request before its context is read. */
export interface RequestFacts {
  readonly headers: IncomingHttpHeaders
  /** Whether the peer is a trusted proxy. */
  readonly isFromEdge: boolean
  readonly claims: Claims | undefined
}

/** Compiles the declared context into a reader. A header or claim that is not of its declared type gives no value. */
export function compileContext(
  declared: ReadonlyMap<string, ContextSource>,
): (facts: RequestFacts) => ClientRequest['context'] {
  const keys = [...declared].map(([key, source]) => ({ key, type: source.type, read: compileSource(source) }))
  return (facts) => {
    const context: Record<string, Context[string]> = {}
    for (const { key, type, read } of keys) {
      const value = contextValue(read(facts), type)
      if (value !== undefined) context[key] = value
    }
    return context
  }
}

/** The client's timeout in milliseconds; undefined if it sends none. Throws BAD_REQUEST for an invalid one. */
export function readTimeout(headers: IncomingHttpHeaders): number | undefined {
  const text = headers[timeoutHeader]
  if (text === undefined) return undefined
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new PresageError(
    'BAD_REQUEST',
    `${timeoutHeader}: must be a whole number of milliseconds above 0, got ${show(text)}`,
  )
}

/** The request's likely timeout, for estimates. An invalid header is refused elsewhere. */
export function askedTimeout(headers: IncomingHttpHeaders, mostMs: number): number {
  const asked = Number(headers[timeoutHeader])
  return asked > 0 && asked < mostMs ? asked : mostMs
}

function compileSource(source: ContextSource): (facts: RequestFacts) => unknown {
  if (source.from === 'token') {
    const { claim } = source
    return ({ claims }) => claims && claimAt(claims, claim)
  }
  const header = source.header.toLowerCase()
  const isForAnybody = source.from === 'client'
  return ({ headers, isFromEdge }) => {
    if (!isForAnybody && !isFromEdge) return undefined
    const text = headers[header]
    return typeof text === 'string' && text !== '' ? decoded(text) : undefined
  }
}

/**
 * Node gives each byte of a header as a character. Clients send UTF-8, and rules and buckets mean characters. A text that is
 * not UTF-8 stays as it is.
 */
function decoded(header: string): string {
  if (!/[\x80-\xff]/.test(header)) return header
  const bytes = Buffer.from(header, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : header
}
