import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'
import type { Counter, Metrics } from '../../lib/metrics'
import type { Caller } from '../../lib/request/caller'
import { type ClientRequest, createClientRequest, syntheticHeader } from '../../lib/request/clientRequest'
import { envelopeHeader, noEnvelope, openEnvelope } from '../../lib/request/envelope'
import { Explain, explainHeader } from '../../lib/request/explain'
import { grantedRoles, type Role } from '../../lib/request/roles'
import { type ContextSource, claimAt, compileContext } from './contextSource'
import { watchForContext } from './missingContext'
import type { Claims, VerifyToken } from './tokenVerifier'
import { addressOf } from './trustedProxies'

/** What is read of a request. Without the peer's address, it comes from no trusted proxy. */
export interface RequestMessage {
  /** By name in lower case. */
  readonly headers: IncomingHttpHeaders
  readonly socket?: { readonly remoteAddress?: string | undefined }
}

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

export interface RequestReaderOptions {
  /** Where each key of the request's context comes from. */
  readonly context: ReadonlyMap<string, ContextSource>
  /** The default and the maximum of a request's timeout; a client may ask for less with `x-presage-timeout-ms`. */
  readonly defaultTimeoutMs: number
  readonly trust: Trust
  /** Whether every client may ask for explanations of predictions; if not, only the role `researcher` may. */
  readonly explain: boolean
  /** Whether every client may bypass the prediction cache; if not, only the role `researcher` may. */
  readonly bypassCache: boolean
  readonly metrics: Metrics
  /** Told, once, that a request came with an envelope that cannot be verified, and what to do about it. */
  readonly onUnverified: (problem: string) => void
  /** Told, once, that requests come without any of the context that they should have. By default nobody looks. */
  readonly onMissingContext?: ((problem: string) => void) | undefined
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
  message: RequestMessage,
  arrival: number,
  caller: Caller,
) => ClientRequest | Promise<ClientRequest>

export function createRequestReader(options: RequestReaderOptions): ReadRequest {
  const { defaultTimeoutMs, trust, wallClock = Date.now } = options
  const { explain: isExplainedToAll, bypassCache: isBypassedByAll } = options
  const readContext = compileContext(options.context)
  const { onMissingContext } = options
  let watch = onMissingContext && watchForContext(options.context, onMissingContext)
  const count = envelopeCounters(options.metrics)
  const hasKeys = trust.envelopeKeys.length > 0
  let isUnverifiedTold = false
  const tellUnverified = () => {
    isUnverifiedTold = true
    options.onUnverified(hasKeys ? unverified : unverifiable)
  }

  return (message, arrival, caller) => {
    const { headers } = message
    const { remoteAddress: peer = '' } = message.socket ?? {}
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
      // Its gateway passes on what it has.
      watch = undefined
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
        address: known.address ?? addressOf(peer, undefined, trust.isTrustedProxy),
      })
    }

    // Without keys on both sides, nobody means the context to arrive.
    if (!isUnverifiedTold && text !== undefined && (hasKeys || text !== noEnvelope)) tellUnverified()
    const deadline = arrival + readTimeout(headers, defaultTimeoutMs)
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
      const context = readContext({ headers, isFromEdge, claims })
      watch?.(context)
      return createClientRequest({
        id: requestIdOf(headers),
        context,
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
    return claims instanceof Promise ? within(claims, deadline - arrival).then(make) : make(claims)
  }
}

/** The claims, unless whoever has the keys takes longer than the request may. */
function within(claims: Promise<Claims>, ms: number): Promise<Claims> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new PresageError('DEADLINE_EXCEEDED', 'authorization: the token was not verified in time')
    timer = setTimeout(reject, ms, error)
  })
  return Promise.race([claims, late]).finally(() => clearTimeout(timer))
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

/** With this header a client says how long it will wait, in milliseconds. */
const timeoutHeader = 'x-presage-timeout-ms'

/** With this header a client asks for fresh predictions instead of cached ones. */
const cacheHeader = 'x-presage-cache'

/** With this header, clients with the role `researcher` ask for versions of their choice. */
const overrideHeader = 'x-presage-override'

/** The request's timeout in milliseconds, at most `mostMs`. Throws BAD_REQUEST for an invalid header. */
function readTimeout(headers: IncomingHttpHeaders, mostMs: number): number {
  const text = headers[timeoutHeader]
  if (text === undefined) return mostMs
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : 0
  if (value > 0) return Math.min(value, mostMs)
  throw refusal(timeoutHeader, `must be a whole number of milliseconds above 0, got ${show(text)}`)
}

/** The same for an estimate, before the request is read: an invalid header is refused then. */
export function askedTimeout(headers: IncomingHttpHeaders, mostMs: number): number {
  const asked = Number(headers[timeoutHeader])
  return asked > 0 && asked < mostMs ? asked : mostMs
}

/** Whether the client asks to bypass the cache. Throws BAD_REQUEST for any other value of the header. */
function isCacheBypassed(headers: IncomingHttpHeaders): boolean {
  const text = headers[cacheHeader]
  if (text === undefined) return false
  if (text === 'bypass') return true
  throw refusal(cacheHeader, `must be bypass, got ${show(text)}`)
}

/** Whether a header is 1. Absent or 0 is false. Throws BAD_REQUEST for anything else. */
export function isFlagged(headers: IncomingHttpHeaders, name: string): boolean {
  const text = headers[name]
  if (text === '1') return true
  if (text === undefined || text === '0') return false
  throw refusal(name, `must be 1 or 0, got ${show(text)}`)
}

/**
 * Reads `PREDICT_RATING=rating-predictor@2, ABUSE_SCORE=abuse-score@1` to the wanted version by objective. Whether they
 * exist is for routing to check. Undefined without the header; throws BAD_REQUEST for any other form.
 */
function readOverrides(headers: IncomingHttpHeaders): ReadonlyMap<string, string> | undefined {
  const text = headers[overrideHeader]
  if (text === undefined) return undefined
  const overrides = new Map<string, string>()
  for (const entry of String(text).split(',')) {
    const [, objective, model] = entryForm.exec(entry) ?? []
    if (objective === undefined) {
      const came = show(entry.trim())
      throw refusal(
        overrideHeader,
        `must be OBJECTIVE=name@version, or several with commas between, got ${came}`,
      )
    }
    if (overrides.has(objective)) throw refusal(overrideHeader, `must name ${objective} once, got it twice`)
    overrides.set(objective, model)
  }
  return overrides
}

const entryForm = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*([A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+)\s*$/

function refusal(header: string, message: string): PresageError {
  return new PresageError('BAD_REQUEST', `${header}: ${message}`)
}

/** Identifies a request in the logs of every service that it passes; also sent in the response. */
export const requestIdHeader = 'x-request-id'

/** The client's own id if it is safe to log; else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[requestIdHeader]
  return typeof given === 'string' && /^[\w.:+/=@-]{1,128}$/.test(given) ? given : newId()
}

const idDigits = 32
/** For 64 ids at a time: few enough that an id that is kept keeps little else. */
const randomWords = new Uint32Array(256)
let digits = ''
let digitsTaken = 0

/**
 * A new id of 32 hexadecimal digits, a slice of longer text: a UUID is a string of twenty that all live as long as the
 * request. Ids have to differ, but are no secret.
 */
function newId(): string {
  if (digitsTaken === digits.length) {
    for (let at = 0; at < randomWords.length; at++) randomWords[at] = Math.random() * 2 ** 32
    digits = Buffer.from(randomWords.buffer).toString('hex')
    digitsTaken = 0
  }
  const from = digitsTaken
  digitsTaken += idDigits
  return digits.slice(from, digitsTaken)
}
