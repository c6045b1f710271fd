import type { Clock } from '../../lib/clock'
import { KnownMembers } from './knownMembers'
import { type LeasePlace, RedisLease } from './redisLease'
import { Repeated } from './repeated'

export interface RedisMembersOptions extends LeasePlace {
  readonly clock: Clock
  readonly log: (line: string) => void
}

/**
 * Servers that have registered themselves in Redis. One that says that it leaves is no member at once. One whose lease
 * is over, or that Redis has forgotten, stays for a while: Redis may have been emptied or away, and then it registers
 * again. Where no lease runs at all, Redis may take no writes, as when it is full or a replica; then all stay. If one
 * has died, its connection has told.
 */
export class RedisMembers extends KnownMembers {
  private readonly lease: RedisLease
  private readonly looks: Repeated
  /** Since when Redis knows nothing of a member; undefined while its lease runs. */
  private readonly missingSince = new Map<string, number | undefined>()
  private firstFailures = 0

  constructor(private readonly options: RedisMembersOptions) {
    super(options.log)
    const { clock } = options
    this.lease = new RedisLease(options)
    this.looks = new Repeated({ clock, everyMs, leastMs, run: () => this.look() })
    this.lease.watch(() => this.looks.soon())
  }

  doubt(): void {
    this.looks.soon()
  }

  async close(): Promise<void> {
    this.closed()
    await this.looks.stop()
    await this.lease.close()
  }

  private async look(): Promise<void> {
    await this.lease.opened
    try {
      const states = await this.lease.read()
      this.compare(states, this.options.clock.now())
      this.told(this.missingSince.keys())
    } catch (error) {
      // Who could not register meanwhile has all of its time again.
      for (const address of this.missingSince.keys()) this.missingSince.set(address, undefined)
      // A start keeps the event loop busy, for which a connection can come too late.
      if (this.addresses.length === 0 && this.firstFailures++ < patience) this.looks.soon()
      else this.failed((error as Error).message)
    }
  }

  private compare(states: Awaited<ReturnType<RedisLease['read']>>, now: number): void {
    const { missingSince } = this
    for (const [address, state] of states) {
      if (state === 'live') missingSince.set(address, undefined)
      else if (state === 'left') missingSince.delete(address)
    }
    const takesLeases = [...states.values()].includes('live')
    for (const [address, since = now] of missingSince) {
      if (states.get(address) === 'live') continue
      if (takesLeases && now - since > graceMs) missingSince.delete(address)
      else missingSince.set(address, takesLeases ? since : undefined)
    }
  }
}

/** How often the register is read, in milliseconds; usually Redis has told of a change before. */
const everyMs = 1_000
const leastMs = 100
/** How often it may fail at first, every `leastMs`, before that is told. */
const patience = 10
/** How long a member stays of which Redis knows nothing. */
const graceMs = 10_000
