import { RedisLease } from './redisLease'
import type { RedisMembersOptions } from './redisMembers'
import { Repeated } from './repeated'

export interface RedisRegistrationOptions extends RedisMembersOptions {
  /** Where others reach this worker, `host:port`. */
  readonly address: string
}

/** A worker's place in the register of Redis, by a lease that it renews. */
export class RedisRegistration {
  private readonly lease: RedisLease
  private readonly renewals: Repeated
  private why: string | undefined

  constructor(private readonly options: RedisRegistrationOptions) {
    const { clock } = options
    this.lease = new RedisLease(options)
    this.renewals = new Repeated({ clock, everyMs, leastMs, run: () => this.renew() })
  }

  /** Says that the worker leaves. */
  async close(): Promise<void> {
    await this.renewals.stop()
    try {
      await this.lease.leave(this.options.address)
    } catch {
      // The lease will be over.
    }
    await this.lease.close()
  }

  private async renew(): Promise<void> {
    const { address, log } = this.options
    await this.lease.opened
    try {
      await this.lease.renew(address, leaseMs)
      if (this.why !== undefined) log(`${address} is registered again`)
      this.why = undefined
    } catch (error) {
      const { message } = error as Error
      if (message !== this.why) log(`${address} cannot be registered now: ${message}`)
      this.why = message
    }
  }
}

const leaseMs = 3_000
const everyMs = 1_000
const leastMs = 1_000
