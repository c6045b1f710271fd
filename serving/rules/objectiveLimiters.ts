import type { Clock } from '../../lib/clock'
import { ObjectiveLimiter } from './objectiveLimiter'

/**
 * The limiters of a process: one for each objective, and where rules count by client or tenant, one for each of these. Those of
 * whom nothing is remembered any more, since they have all their rows again and nothing under way, are forgotten when others
 * come; beyond `maxHolders`, so are those that were not here for the longest time.
 */
export class ObjectiveLimiters {
  private readonly whole = new Map<string, ObjectiveLimiter>()
  /** By objective and holder; who was here last stands last. */
  private readonly held = new Map<string, ObjectiveLimiter>()

  constructor(
    private readonly clock: Clock,
    private readonly maxHolders = 10_000,
  ) {}

  /** How many clients and tenants are remembered. */
  get holders(): number {
    return this.held.size
  }

  /** `holder`: the client or tenant; undefined for all of them together. */
  of(objective: string, holder: string | undefined): ObjectiveLimiter {
    return holder === undefined ? this.ofObjective(objective) : this.ofHolder(`${objective} ${holder}`)
  }

  private ofObjective(objective: string): ObjectiveLimiter {
    let limiter = this.whole.get(objective)
    if (limiter === undefined) {
      limiter = new ObjectiveLimiter(this.clock)
      this.whole.set(objective, limiter)
    }
    return limiter
  }

  private ofHolder(key: string): ObjectiveLimiter {
    let limiter = this.held.get(key)
    if (limiter === undefined) {
      limiter = new ObjectiveLimiter(this.clock)
      this.forgetSome()
    } else this.held.delete(key)
    this.held.set(key, limiter)
    return limiter
  }

  /** Looks at two for each that comes, so that idle ones go faster than others come. */
  private forgetSome(): void {
    let looked = 0
    for (const [key, limiter] of this.held) {
      if (++looked > 2) return
      const isFull = this.held.size >= this.maxHolders
      if (!limiter.isOccupied && !limiter.isIdle && !isFull) return
      this.held.delete(key)
      // One with requests under way must not be counted anew.
      if (limiter.isOccupied) this.held.set(key, limiter)
    }
  }
}
