import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'
import { readJson } from '../../lib/readJson'
import type { ClientRequest, Context } from '../../lib/request/clientRequest'
import { claimAt } from './claims'
import type { Claims } from './tokenVerifier'

/**
 * Where a key of the request's context comes from, and its type. `edge`, the default: a header that only trusted
 * proxies may set; `client`: a header that anybody may set; `token`: a verified claim.
 */
export type ContextSource = { readonly type: 'string' | 'number' | 'boolean' } & (
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
      const value = read(facts)
      if (typeof value === type) context[key] = value as Context[string]
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
    const { claim, type } = source
    return ({ claims }) => {
      const value = claims && claimAt(claims, claim)
      // Ids are often written as numbers and mean the same.
      return type === 'string' && typeof value === 'number' ? String(value) : value
    }
  }
  const header = source.header.toLowerCase()
  const isForAnybody = source.from === 'client'
  const isText = source.type === 'string'
  return ({ headers, isFromEdge }) => {
    if (!isForAnybody && !isFromEdge) return undefined
    const text = headers[header]
    if (typeof text !== 'string' || text === '') return undefined
    return isText ? text : readJson(text)
  }
}
