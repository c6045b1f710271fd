import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import { type Context, type ContextType, contextValue } from '../../lib/request/clientRequest'
import type { Claims } from './tokenVerifier'

/**
 * Where a key of the request's context comes from, and its type. `edge`, the default: a header that only trusted
 * proxies may set; `client`: a header that anybody may set; `token`: a verified claim.
 */
export type ContextSource = { readonly type: ContextType } & (
  | { readonly from?: 'edge' | 'client'; readonly header: string }
  | { readonly from: 'token'; readonly claim: string }
)

/** What is known of a request before its context is read. */
interface RequestFacts {
  readonly headers: IncomingHttpHeaders
  /** Whether the peer is a trusted proxy. */
  readonly isFromEdge: boolean
  readonly claims: Claims | undefined
}

/**
 * Compiles the declared context into a reader. A header or claim that is empty or not of its declared type gives no value:
 * all who have an empty `tenant` would be one.
 */
export function compileContext(
  declared: ReadonlyMap<string, ContextSource>,
): (facts: RequestFacts) => Context {
  const keys = [...declared].map(([key, source]) => ({ key, type: source.type, read: compileSource(source) }))
  return (facts) => {
    const context: Record<string, Context[string]> = {}
    for (const { key, type, read } of keys) {
      const came = read(facts)
      const value = came === '' ? undefined : contextValue(came, type)
      if (value !== undefined) context[key] = value
    }
    return context
  }
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
    return typeof text === 'string' ? decoded(text) : undefined
  }
}

/** The claim of this name; if there is none, the one at this dotted path, such as `realm_access.roles`. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/**
 * Node gives each byte of a header as a character. Clients send UTF-8, and rules and buckets mean characters. A text
 * that is not UTF-8 stays as it is.
 */
function decoded(header: string): string {
  if (!/[\x80-\xff]/.test(header)) return header
  const bytes = Buffer.from(header, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : header
}
