import { type Clock, systemClock } from '../../lib/clock'
import { type ClientRequest, syntheticHeader } from '../../lib/request/clientRequest'
import { envelopeHeader, signEnvelope } from '../../lib/request/envelope'

export interface EnvelopeHeadersOptions {
  /** Signs; absent: envelopes are only passed on. */
  readonly key: string | undefined
  /** The name of this process. */
  readonly origin: string
  /** Whether the subgraphs may take requests of this gateway for those of somebody on their own machine. */
  readonly isOpen: boolean
  /**
   * The version of the rules that decides a request, for a process that follows them; asked once a request. Left out, or without a
   * version, the request is decided by each subgraph for itself.
   */
  readonly ruleSetOf?: (request: ClientRequest) => NamedRuleSet | undefined
  readonly clock?: Clock
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number
}

/** A version of the rules, as one process names it to another. */
export interface NamedRuleSet {
  readonly number: number
  /** Of its canonical JSON. */
  readonly sha256: string
}

/** So many digits of a hash tell texts of one number apart. */
const hashDigits = 16

/**
 * The header by which subgraphs know what this gateway knows of a request: the envelope that it came with, as it is, or
 * one that is written now, the same for all calls of the request. Without a key, that the request is synthetic is passed on as
 * anybody says it.
 */
export function createEnvelopeHeaders(
  options: EnvelopeHeadersOptions,
): (request: ClientRequest) => Readonly<Record<string, string>> {
  const { key, origin, isOpen, ruleSetOf, clock = systemClock, wallClock = Date.now } = options
  if (key === undefined) {
    return ({ headers, isSynthetic }) => {
      const passedOn = headers[envelopeHeader]
      if (typeof passedOn === 'string') return { [envelopeHeader]: passedOn }
      const known = isOpen ? none : fromElsewhere
      return isSynthetic ? { ...known, [syntheticHeader]: '1' } : known
    }
  }
  return (request) => {
    if (request.envelope !== undefined) return { [envelopeHeader]: request.envelope }
    return request.scope(scopeKey, () => {
      const { id, context, roles, overrides, explain, bypassesCache, isSynthetic, deadline } = request
      const { subject, address } = request
      const timeoutMs = Math.max(0, Math.ceil(deadline - clock.now()))
      const ruleSet = ruleSetOf?.(request)
      const envelope = {
        ...{ id, context, roles, origin, issuedAt: wallClock(), timeoutMs },
        ...(ruleSet !== undefined && {
          ruleSet: ruleSet.number,
          ruleSetHash: ruleSet.sha256.slice(0, hashDigits),
        }),
        ...(overrides !== undefined && { overrides: Object.fromEntries(overrides) }),
        ...(explain !== undefined && { explain: true as const }),
        ...(bypassesCache && { bypassCache: bypassesCache }),
        ...(isSynthetic && { synthetic: isSynthetic }),
        ...(subject !== undefined && { subject }),
        // Whom the subject names is nobody else's wherever they are; their address stays here.
        ...(typeof subject !== 'string' && address !== undefined && { address }),
      }
      return { [envelopeHeader]: signEnvelope(envelope, key) }
    })
  }
}

const scopeKey = Symbol('envelope')
const none: Readonly<Record<string, string>> = Object.freeze({})

/** No envelope, and nobody's: a subgraph that is open for its own machine must not be so for those who ask this gateway. */
const fromElsewhere: Readonly<Record<string, string>> = Object.freeze({ [envelopeHeader]: 'none' })
