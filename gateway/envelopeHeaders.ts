import type { ClientRequest } from '../lib/clientRequest'
import { type Clock, systemClock } from '../lib/clock'
import { envelopeHeader, signEnvelope } from '../lib/envelope'

export interface EnvelopeHeadersOptions {
  /** Signs; absent: envelopes are only passed on. */
  readonly key: string | undefined
  /** The name of this process. */
  readonly origin: string
  /** Whether the subgraphs may take requests of this gateway for those of somebody on their own machine. */
  readonly isOpen: boolean
  /**
   * The number of the rule set that decides a request, for a process that has rules. Left out, or without a number, the request
   * is decided by each subgraph for itself.
   */
  readonly ruleSetOf?: (request: ClientRequest) => number | undefined
  readonly clock?: Clock
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number
}

/**
 * The header by which subgraphs know what this gateway knows of a request: the envelope that it came with, as it is, or
 * one that is written now, the same for all calls of the request.
 */
export function createEnvelopeHeaders(
  options: EnvelopeHeadersOptions,
): (request: ClientRequest) => Readonly<Record<string, string>> {
  const { key, origin, isOpen, ruleSetOf, clock = systemClock, wallClock = Date.now } = options
  if (key === undefined) {
    return ({ headers }) => {
      const passedOn = headers[envelopeHeader]
      if (typeof passedOn === 'string') return { [envelopeHeader]: passedOn }
      return isOpen ? none : fromElsewhere
    }
  }
  return (request) => {
    if (request.envelope !== undefined) return { [envelopeHeader]: request.envelope }
    return request.scope(scopeKey, () => {
      const { id, context, roles, overrides, explain, deadline } = request
      const timeoutMs = Math.max(0, Math.ceil(deadline - clock.now()))
      const ruleSet = ruleSetOf?.(request)
      const envelope = {
        ...{ id, context, roles, origin, issuedAt: wallClock(), timeoutMs },
        ...(ruleSet !== undefined && { ruleSet }),
        ...(overrides !== undefined && { overrides: Object.fromEntries(overrides) }),
        ...(explain !== undefined && { explain: true as const }),
      }
      return { [envelopeHeader]: signEnvelope(envelope, key) }
    })
  }
}

const scopeKey = Symbol('envelope')
const none: Readonly<Record<string, string>> = Object.freeze({})

/** No envelope, and nobody's: a subgraph that is open for its own machine must not be so for those who ask this gateway. */
const fromElsewhere: Readonly<Record<string, string>> = Object.freeze({ [envelopeHeader]: 'none' })
