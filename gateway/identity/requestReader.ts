import type { IncomingMessage } from 'node:http'
import { PresageError } from '../../lib/errors'
import { type Counter, type Metrics, noMetrics } from '../../lib/metrics'
import type { Caller } from '../../lib/request/caller'
import { type ClientRequest, createClientRequest, syntheticHeader } from '../../lib/request/clientRequest'
import { envelopeHeader, noEnvelope, openEnvelope } from '../../lib/request/envelope'
import { Explain, explainHeader } from '../../lib/request/explain'
import { grantedRoles, type Role } from '../../lib/request/roles'
import { isCacheBypassed, isFlagged, readOverrides, readTimeout, requestIdOf } from './clientHeaders'
import { type ContextSource, compileContext, namesAt, subjectOf } from './requestContext'
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
      const {
        id,
        context,
        roles,
        overrides,
        ruleSet,
        ruleSetHash,
        explain,
        bypassCache,
        synthetic,
        subject,
        address = message.socket.remoteAddress,
      } = opened.envelope
      const deadline = arrival + Math.min(opened.remainingMs, defaultTimeoutMs)
      return createClientRequest({
        id,
        context,
        roles,
        envelope: text as string,
        overrides: overrides && new Map(Object.entries(overrides)),
        ruleSet,
        ruleSetHash,
        isSynthetic: synthetic,
        subject,
        bypassesCache: bypassCache,
        explain: explain && new Explain(),
        headers,
        deadline,
        caller,
        address,
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
