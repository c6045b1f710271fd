import { type Clock, systemClock } from '../../lib/clock'
import { type ClientRequest, syntheticHeader } from '../../lib/request/clientRequest'
import { envelopeHeader, noEnvelope, signEnvelope } from '../../lib/request/envelope'

export interface EnvelopeHeadersOptions {
  /** Signs envelopes; if absent, envelopes are only passed on. */
  readonly key: string | undefined
  /** The name of this process. */
  readonly origin: string
  /** Whether subgraphs may treat this gateway's requests as coming from their own machine. */
  readonly isOpen: boolean
  /**
   * The version of the rules that decides a request, called once per request. Without it, or if it returns undefined,
   * each subgraph decides for itself.
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

/** Enough digits of a hash to tell apart rule sets with the same number. */
const hashDigits = 16

/**
 * Makes the header that tells subgraphs what this gateway knows of a request: the envelope with which it came,
 * unchanged, or a new one, the same for all calls of the request. Without a key, the synthetic mark is passed on
 * unsigned.
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
        // A subject identifies the client on its own, so the address need not leave this process.
        ...(typeof subject !== 'string' && address !== undefined && { address }),
      }
      return { [envelopeHeader]: signEnvelope(envelope, key) }
    })
  }
}

const scopeKey = Symbol('envelope')
const none: Readonly<Record<string, string>> = Object.freeze({})

const fromElsewhere: Readonly<Record<string, string>> = Object.freeze({ [envelopeHeader]: noEnvelope })
