import { memoized } from '../../lib/memoized'
import type { OpenBudget, RowBudget } from './rowBudget'

/**
 * The limiters of a process: one per objective and, where rules count by client or tenant, one for each of these. When
 * new clients or tenants come, idle limiters are dropped; beyond `maxHolders` also those that were used least recently.
 */
export class ObjectiveLimiters {
  private readonly whole = memoized((objective: string) => new ObjectiveLimiter(this.openBudget(objective)))
  /** By objective and holder, least recently used first. */
  private readonly held = new Map<string, ObjectiveLimiter>()

  constructor(
    private readonly openBudget: OpenBudget,
    private readonly maxHolders = 10_000,
  ) {}

  /** How many clients and tenants are remembered. */
  get holders(): number {
    return this.held.size
  }

  /** `holder` is the client or tenant; undefined for all together. */
  of(objective: string, holder: string | undefined): ObjectiveLimiter {
    return holder === undefined ? this.whole(objective) : this.ofHolder(`${objective} ${holder}`)
  }

  private ofHolder(key: string): ObjectiveLimiter {
    let limiter = this.held.get(key)
    if (limiter === undefined) {
      limiter = new ObjectiveLimiter(this.openBudget(key))
      this.forgetSome()
    } else this.held.delete(key)
    this.held.set(key, limiter)
    return limiter
  }

  /** Checks two for each new one, so that idle ones are dropped faster than new ones come. */
  private forgetSome(): void {
    let looked = 0
    for (const [key, limiter] of this.held) {
      if (++looked > 2) return
      const isFull = this.held.size >= this.maxHolders
      if (!limiter.isOccupied && !limiter.isIdle && !isFull) return
      this.held.delete(key)
      // A limiter with requests in flight must not start from zero.
      if (limiter.isOccupied) this.held.set(key, limiter)
    }
  }
}

/**
 * Counts what the rules' `limits` restrict, for one objective, or for one client or tenant of it. Shared by all versions
 * of the rules. Rows per second are a token bucket with the tokens of one second; concurrency counts client requests of
 * this process.
 */
export class ObjectiveLimiter {
  private entered = 0

  constructor(private readonly rows: RowBudget) {}

  /** Whether requests are in flight. */
  get isOccupied(): boolean {
    return this.entered > 0
  }

  /** Whether it has the state of a new one. */
  get isIdle(): boolean {
    return this.entered === 0 && this.rows.isFull
  }

  /** Whether a request may begin. If so, call `leave` at its end. */
  enter(concurrency: number): boolean {
    if (this.entered >= concurrency) return false
    this.entered++
    return true
  }

  leave(): void {
    this.entered--
  }

  /** Takes up to `asked` rows. Returns how many. */
  take(asked: number, perSecond: number): number {
    return this.rows.take(asked, perSecond)
  }
}
