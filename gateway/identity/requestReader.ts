import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { PresageError } from '../../lib/errors'
import { type Counter, type Metrics, noMetrics } from '../../lib/metrics'
import type { Caller } from '../../lib/request/caller'
import {
  type ClientRequest,
  type Context,
  createClientRequest,
  syntheticHeader,
} from '../../lib/request/clientRequest'
import { type ContextType, contextValue } from '../../lib/request/contextValue'
import { envelopeHeader, noEnvelope, openEnvelope } from '../../lib/request/envelope'
import { Explain, explainHeader } from '../../lib/request/explain'
import { grantedRoles, type Role } from '../../lib/request/roles'
import { isCacheBypassed, isFlagged, readOverrides, readTimeout, requestIdOf } from './clientHeaders'
import type { Claims, VerifyToken } from './tokenVerifier'
import { addressOf, compileProxies, loopbackNetworks } from './trustedProxies'

/** Which senders are trusted, and with what. */
export interface Trust {
  /** The deployment's keys for envelopes. The first signs; all are accepted. If empty, no envelope is accepted. */
  readonly envelopeKeys: readonly string[]
  /** Whether the peer at this address may set the headers of context keys from the edge. */
  isTrustedProxy(address: string): boolean
  /** If absent, tokens are ignored. */
  readonly verifyToken?: VerifyToken
  /** The claim that holds the roles. */
  readonly rolesClaim: string
  /** The roles of clients with neither token nor envelope. */
  readonly rolesOfAnybody: readonly Role[]
}

/** The default: the only trusted proxies are those on this machine. */
export const loopbackTrust: Trust = Object.freeze({
  envelopeKeys: [],
  isTrustedProxy: compileProxies(loopbackNetworks),
  rolesClaim: 'roles',
  rolesOfAnybody: [],
})

export interface RequestReaderOptions {
  readonly context: ReadonlyMap<string, ContextSource>
  /** The default and the maximum of a request's timeout. */
  readonly defaultTimeoutMs: number
  readonly trust: Trust
  /** Whether every client may ask for explanations of predictions; by default only the role `researcher` may. */
  readonly explain?: boolean
  /** Whether every client may bypass the prediction cache; by default only the role `researcher` may. */
  readonly bypassCache?: boolean
  readonly metrics?: Metrics
  /** Told, once, that a request came with an envelope that cannot be verified, and what to do about it. */
  readonly onUnverified?: (problem: string) => void
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number
}

/**
 * Reads who sends a request, and its context. `arrival` and the deadline are in milliseconds of the clock. A valid
 * envelope overrides all headers. An invalid one is counted and ignored, and its request gets no roles for anonymous
 * clients. Throws BAD_REQUEST for an invalid header (timeout, overrides, explain, cache, synthetic), UNAUTHENTICATED
 * for an invalid token, and DEADLINE_EXCEEDED for an expired envelope.
 */
export type ReadRequest = (
  message: IncomingMessage,
  arrival: number,
  caller: Caller,
) => ClientRequest | Promise<ClientRequest>

export function createRequestReader(options: RequestReaderOptions): ReadRequest {
  const { defaultTimeoutMs, trust, metrics = noMetrics, wallClock = Date.now } = options
  const { explain: isExplainedToAll = false, bypassCache: isBypassedByAll = false } = options
  const readContext = compileContext(options.context)
  const count = envelopeCounters(metrics)
  const hasKeys = trust.envelopeKeys.length > 0
  let isUnverifiedTold = options.onUnverified === undefined
  const tellUnverified = () => {
    isUnverifiedTold = true
    options.onUnverified?.(hasKeys ? unverified : unverifiable)
  }

  return (message, arrival, caller) => {
    const { headers } = message
    const text = headers[envelopeHeader]
    const isEnveloped = typeof text === 'string' && hasKeys
    const opened = isEnveloped ? openEnvelope(text, trust.envelopeKeys, wallClock()) : undefined
    if (opened !== undefined) count[opened.is].inc()
    if (opened?.is === 'expired') {
      throw new PresageError(
        'DEADLINE_EXCEEDED',
        `${envelopeHeader}: the request's deadline had passed before it arrived`,
      )
    }
    if (opened?.is === 'valid') {
      const { envelope: known, remainingMs } = opened
      return createClientRequest({
        id: known.id,
        context: known.context,
        roles: known.roles,
        envelope: text as string,
        overrides: known.overrides && new Map(Object.entries(known.overrides)),
        ruleSet: known.ruleSet,
        ruleSetHash: known.ruleSetHash,
        isSynthetic: known.synthetic,
        subject: known.subject,
        bypassesCache: known.bypassCache,
        explain: known.explain && new Explain(),
        headers,
        deadline: arrival + Math.min(remainingMs, defaultTimeoutMs),
        caller,
        address: known.address ?? message.socket.remoteAddress,
      })
    }

    // Without keys on both sides, nobody means the context to arrive.
    if (!isUnverifiedTold && text !== undefined && (hasKeys || text !== noEnvelope)) tellUnverified()
    const deadline = arrival + readTimeout(headers, defaultTimeoutMs)
    const { remoteAddress: peer = '' } = message.socket
    const isFromEdge = trust.isTrustedProxy(peer)
    const address = addressOf(peer, headers['x-forwarded-for'], trust.isTrustedProxy)
    // A sender that claims to forward a request but cannot prove it does not get the roles of anonymous clients.
    const rolesOfAnybody = text === undefined ? trust.rolesOfAnybody : []
    const make = (claims: Claims | undefined) => {
      const roles = claims === undefined ? rolesOfAnybody : grantedRoles(namesAt(claims, trust.rolesClaim))
      const isResearcher = roles.includes('researcher')
      const overrides = isResearcher ? readOverrides(headers) : undefined
      const isBypassing = (isBypassedByAll || isResearcher) && isCacheBypassed(headers)
      const isExplained = (isExplainedToAll || isResearcher) && isFlagged(headers, explainHeader)
      const isSynthetic = isFlagged(headers, syntheticHeader)
      return createClientRequest({
        id: requestIdOf(headers),
        context: readContext({ headers, isFromEdge, claims }),
        roles,
        overrides,
        explain: isExplained || overrides !== undefined ? new Explain(!isExplained) : undefined,
        bypassesCache: isBypassing || undefined,
        isSynthetic: isSynthetic || undefined,
        subject: claims && subjectOf(claims),
        headers,
        deadline,
        caller,
        address,
      })
    }
    const token = trust.verifyToken && bearerOf(headers.authorization)
    if (token === undefined) return make(undefined)
    const claims = trust.verifyToken!(token)
    return claims instanceof Promise ? claims.then(make) : make(claims)
  }
}

const anonymous = `a request came with ${envelopeHeader} and counts as anonymous, without the context and roles in it`
const unverified = `${anonymous}: its sender must have the same trust.envelopeKey, and a clock that is less than 5 s ahead`
const unverifiable = `${anonymous}: trust.envelopeKey must be that of its sender, got none`

function envelopeCounters(metrics: Metrics): Readonly<Record<'valid' | 'expired' | 'invalid', Counter>> {
  const counter = (result: string) =>
    metrics.counter('presage_envelopes_total', `Requests that carried ${envelopeHeader}.`, { result })
  return { valid: counter('valid'), expired: counter('expired'), invalid: counter('invalid') }
}

/** The token in an authorization header; undefined without the header. */
function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (token !== undefined) return token
  throw new PresageError('UNAUTHENTICATED', 'authorization: must be "Bearer" and a token')
}

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

/** Compiles the declared context into a reader. A header or claim that is not of its declared type gives no value. */
function compileContext(
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

/** The claim of this name; if there is none, the one at this dotted path, such as `realm_access.roles`. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** A claim that lists names: as a list, or as text separated by spaces. */
function namesAt(claims: Claims, name: string): readonly unknown[] {
  const value = claimAt(claims, name)
  if (Array.isArray(value)) return value
  return typeof value === 'string' ? value.split(/\s+/) : []
}

/** The token's subject, cut if it is long; null if the token has none. */
function subjectOf({ sub }: Claims): string | null {
  return typeof sub === 'string' && sub !== '' ? sub.slice(0, 255) : null
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
