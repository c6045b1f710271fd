import type { IncomingMessage } from 'node:http'
import { PresageError } from '../../lib/errors'
import { type Counter, type Metrics, noMetrics } from '../../lib/metrics'
import type { Caller } from '../../lib/request/caller'
import { type ClientRequest, createClientRequest, syntheticHeader } from '../../lib/request/clientRequest'
import { envelopeHeader, openEnvelope } from '../../lib/request/envelope'
import { Explain, explainHeader } from '../../lib/request/explain'
import { grantedRoles, type Role } from '../../lib/request/roles'
import { addressOf } from './addressOf'
import { isCacheBypassed } from './bypassHeader'
import { namesAt, subjectOf } from './claims'
import { isFlagged } from './flagHeader'
import { readOverrides } from './overrides'
import { type ContextSource, compileContext, readTimeout } from './requestContext'
import { requestIdOf } from './requestId'
import type { Claims, VerifyToken } from './tokenVerifier'
import { compileProxies, loopbackNetworks } from './trustedProxies'

/** Whose word counts for what. */
export interface Trust {
  /** The deployment's keys for envelopes: the first one signs, all are accepted. None: no envelope is. */
  readonly envelopeKeys: readonly string[]
  /** Whether a peer, by its address, may set the headers of context keys from the edge. */
  isTrustedProxy(address: string): boolean
  /** Absent: tokens are not looked at. */
  readonly verifyToken?: VerifyToken
  /** The claim that holds the roles. */
  readonly rolesClaim: string
  /** What everybody may do who has neither token nor envelope. */
  readonly rolesOfAnybody: readonly Role[]
}

/** Where nothing else is said: proxies are those of this machine. */
export const loopbackTrust: Trust = Object.freeze({
  envelopeKeys: [],
  isTrustedProxy: compileProxies(loopbackNetworks),
  rolesClaim: 'roles',
  rolesOfAnybody: [],
})

export interface RequestReaderOptions {
  readonly context: ReadonlyMap<string, ContextSource>
  /** The longest that a request may take. */
  readonly defaultTimeoutMs: number
  readonly trust: Trust
  /** Whether anybody may ask why predictions are what they are; default: those with the role researcher. */
  readonly explain?: boolean
  /** Whether anybody may have predictions made anew that a cache has; default: those with the role researcher. */
  readonly bypassCache?: boolean
  readonly metrics?: Metrics
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number
}

/**
 * Reads who asks and what is known of the request. `arrival` and the deadline are the clock's milliseconds. A valid
 * envelope wins over all headers; one that is not is counted and not looked at, and its request is nobody's. Throws
 * BAD_REQUEST for a timeout, overrides, a wish for explanations or to pass the cache, or a synthetic mark that do not read
 * so, UNAUTHENTICATED for a token that is not right, DEADLINE_EXCEEDED for an envelope whose time is up.
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

  return (message, arrival, caller) => {
    const { headers } = message
    const text = headers[envelopeHeader]
    const isEnveloped = typeof text === 'string' && trust.envelopeKeys.length > 0
    const opened = isEnveloped ? openEnvelope(text, trust.envelopeKeys, wallClock()) : undefined
    if (opened !== undefined) count[opened.is].inc()
    if (opened?.is === 'expired') {
      throw new PresageError('DEADLINE_EXCEEDED', `${envelopeHeader}: the request's time was up when it came`)
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
        ...(overrides !== undefined && { overrides: new Map(Object.entries(overrides)) }),
        ...(ruleSet !== undefined && { ruleSet }),
        ...(ruleSetHash !== undefined && { ruleSetHash }),
        ...(synthetic && { isSynthetic: synthetic }),
        ...(subject !== undefined && { subject }),
        ...(bypassCache && { bypassesCache: bypassCache }),
        ...(explain && { explain: new Explain() }),
        headers,
        deadline,
        caller,
        address,
      })
    }

    const deadline = arrival + Math.min(readTimeout(headers) ?? defaultTimeoutMs, defaultTimeoutMs)
    const { remoteAddress: peer = '' } = message.socket
    const isFromEdge = trust.isTrustedProxy(peer)
    const address = addressOf(peer, headers['x-forwarded-for'], trust.isTrustedProxy)
    // Who says that it comes from elsewhere, and cannot prove it, is not the one for whom this process is open.
    const rolesOfAnybody = text === undefined ? trust.rolesOfAnybody : []
    const make = (claims: Claims | undefined) => {
      const roles = claims === undefined ? rolesOfAnybody : grantedRoles(namesAt(claims, trust.rolesClaim))
      const isResearcher = roles.includes('researcher')
      const overrides = isResearcher ? readOverrides(headers) : undefined
      const isBypassing = (isBypassedByAll || isResearcher) && isCacheBypassed(headers)
      const isExplained = (isExplainedToAll || isResearcher) && isFlagged(headers, explainHeader)
      const isSynthetic = isFlagged(headers, syntheticHeader)
      const parts = {
        id: requestIdOf(headers),
        context: readContext({ headers, isFromEdge, claims }),
        roles,
        headers,
        deadline,
        caller,
        address,
      }
      if (!isResearcher && !isExplained && !isBypassing && !isSynthetic && claims === undefined)
        return createClientRequest(parts)
      return createClientRequest({
        ...parts,
        ...(overrides !== undefined && { overrides }),
        ...(isExplained && { explain: new Explain() }),
        ...(isBypassing && { bypassesCache: true as const }),
        ...(isSynthetic && { isSynthetic: true as const }),
        ...(claims !== undefined && { subject: subjectOf(claims) }),
      })
    }
    const token = trust.verifyToken && bearerOf(headers.authorization)
    if (token === undefined) return make(undefined)
    const claims = trust.verifyToken!(token)
    return claims instanceof Promise ? claims.then(make) : make(claims)
  }
}

function envelopeCounters(metrics: Metrics): Readonly<Record<'valid' | 'expired' | 'invalid', Counter>> {
  const counter = (result: string) =>
    metrics.counter('presage_envelopes_total', `Requests that came with ${envelopeHeader}.`, { result })
  return { valid: counter('valid'), expired: counter('expired'), invalid: counter('invalid') }
}

/** The token of an authorization header; undefined without one. */
function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (token !== undefined) return token
  throw new PresageError('UNAUTHENTICATED', 'authorization: must be "Bearer" and a token')
}
