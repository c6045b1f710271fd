import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { clientOf } from '../../lib/request/caller'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { LimitHolder, Limits } from '../../routing/ruleSet/ruleSet'
import type { ObjectiveLimiter, ObjectiveLimiters } from './objectiveLimiters'

/** How many of the requested rows may be predicted. */
export interface Allowance {
  /** Applies to the first rows. */
  readonly rows: number
  /** The error for the other rows; undefined if there are none. */
  readonly error: PresageError | undefined
  /** Call once when the rows are answered. Undefined if there is nothing to end. */
  readonly end: (() => void) | undefined
}

/**
 * Makes the answer to rows, and calls the `end` of their allowance when it is made, has failed, or is due, in the clock's
 * milliseconds: what a subgraph reads for them may never come.
 */
export async function endingWith<Made>(
  end: () => void,
  due: number,
  clock: Clock,
  make: () => Promise<Made>,
): Promise<Made> {
  let isOver = false
  const over = () => {
    if (!isOver) end()
    isOver = true
  }
  const cancel = clock.after(due - clock.now(), over)
  try {
    return await make()
  } finally {
    cancel()
    over()
  }
}

/** Keeps the rows of one client request within the limits that rules set for its objectives. */
export class RulesLimits {
  /** By objective, the number of this request's groups in flight. Together they count as one request. */
  private readonly underWay = new Map<string, number>()

  constructor(
    private readonly request: ClientRequest,
    private readonly limiters: ObjectiveLimiters,
  ) {}

  /** Rows count when they are asked for, whatever happens to them later. */
  ask({ objective, per, concurrency, perSecond }: CompiledLimits, rows: number): Allowance {
    const limiter = this.limiters.of(objective, holderOf(this.request, per))
    let end: Allowance['end']
    if (concurrency !== undefined) {
      if (!this.enter(objective, limiter, concurrency.maximum))
        return { rows: 0, error: concurrency.error, end }
      end = () => this.leave(objective, limiter)
    }
    if (perSecond === undefined) return { rows, error: undefined, end }
    const allowed = limiter.take(rows, perSecond.maximum)
    if (allowed === rows) return { rows, error: undefined, end }
    if (allowed > 0) return { rows: allowed, error: perSecond.error, end }
    end?.()
    return { rows: 0, error: perSecond.error, end: undefined }
  }

  /** A request that has entered may start further groups. */
  private enter(objective: string, limiter: ObjectiveLimiter, maximum: number): boolean {
    const groups = this.underWay.get(objective) ?? 0
    if (groups === 0 && !limiter.enter(maximum)) return false
    this.underWay.set(objective, groups + 1)
    return true
  }

  private leave(objective: string, limiter: ObjectiveLimiter): void {
    const left = this.underWay.get(objective)! - 1
    this.underWay.set(objective, left)
    if (left === 0) limiter.leave()
  }
}

/** Only a verified token names a tenant. Requests without a tenant count for their client. */
function holderOf(request: ClientRequest, per: LimitHolder): string | undefined {
  if (per === 'objective') return undefined
  const { tenant } = request.context
  return per === 'tenant' && tenant !== undefined ? `tenant ${tenant}` : clientOf(request)
}

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
