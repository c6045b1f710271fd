import type { PresageError } from '../../lib/errors'
import { clientOf } from '../../lib/request/clientOf'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { LimitHolder } from '../../routing/ruleSet/ruleSet'
import type { CompiledLimits } from './compiledLimits'
import type { ObjectiveLimiter } from './objectiveLimiter'
import type { ObjectiveLimiters } from './objectiveLimiters'

/** How many of the rows that were asked for may be predicted. */
export interface Allowance {
  /** The first so many. */
  readonly rows: number
  /** What the others get; undefined where there are none. */
  readonly error: PresageError | undefined
  /** To be called once, when the rows have their answer; undefined where nobody waits for that, as where there are none. */
  readonly end: (() => void) | undefined
}

/** Keeps the rows of one client request within the limits that rules give its objectives. */
export class RulesLimits {
  /** By objective: groups of this request that are under way. Together they count once. */
  private readonly underWay = new Map<string, number>()

  constructor(
    private readonly request: ClientRequest,
    private readonly limiters: ObjectiveLimiters,
  ) {}

  /** Rows count when they are asked for, whatever becomes of them. */
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

  /** A request that is in is in for all its groups. */
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

/** A tenant is one by a verified token alone; a request without one is its client's. */
function holderOf(request: ClientRequest, per: LimitHolder): string | undefined {
  if (per === 'objective') return undefined
  const { tenant } = request.context
  return per === 'tenant' && tenant !== undefined ? `tenant ${tenant}` : clientOf(request)
}
