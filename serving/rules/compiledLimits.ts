import { PresageError } from '../../lib/errors'
import type { LimitHolder, Limits } from '../../routing/ruleSet/ruleSet'

/**
 * The limits that rules set for an objective. The errors are made once and frozen, because on a busy node they are very
 * frequent.
 */
export interface CompiledLimits {
  readonly objective: string
  readonly per: LimitHolder
  readonly perSecond: Limit | undefined
  readonly concurrency: Limit | undefined
}

export interface Limit {
  readonly maximum: number
  /** The error for what exceeds it. */
  readonly error: PresageError
}

/** Undefined if the rules limit neither rows per second nor concurrent requests. */
export function compileLimits(objective: string, limits: Limits = {}): CompiledLimits | undefined {
  const { perSecond, concurrency, per = 'objective' } = limits
  if (perSecond === undefined && concurrency === undefined) return undefined
  const compile = (limit: keyof typeof counted, maximum: number | undefined): Limit | undefined => {
    if (maximum === undefined) return undefined
    const whose = per === 'objective' ? '' : ` of one ${per}`
    const message = `${objective}: the rules' limit of ${counted[limit]}${whose} is reached (${maximum})`
    const retry = limit === 'perSecond' ? { retryAfterMs: refillMs(maximum) } : undefined
    const error = new PresageError('OVERLOADED', message, { objective, limit, per, maximum, ...retry })
    return { maximum, error: Object.freeze(error) }
  }
  return {
    objective,
    per,
    perSecond: compile('perSecond', perSecond),
    concurrency: compile('concurrency', concurrency),
  }
}

const counted = { perSecond: 'rows a second', concurrency: 'requests at once' }

/** After this time without further rows, as many are allowed at once as at first: those of a second, or one. */
function refillMs(perSecond: number): number {
  return Math.ceil(1000 / Math.min(1, perSecond))
}
