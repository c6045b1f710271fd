import type { Clock } from '../../../lib/clock'
import { OwnRows, type RowBudget } from '../rowBudget'

/** What processes count together: how many rows of a key are left, for all of them. */
export interface RowLedger {
  /** How many processes have counted rows lately, this one included. */
  readonly processes: number
  /**
   * Enters rows that were taken already (below zero: leased rows that were not used), and leases up to `wanted` more.
   * Rejects if the ledger cannot be reached.
   */
  lease(key: string, perSecond: number, taken: number, wanted: number): Promise<Lease>
}

export interface Lease {
  /** How many rows were leased. */
  readonly granted: number
  /** Whether no other process has counted rows of this key in the last `aloneMs`. */
  readonly isAlone: boolean
}

/** A process that alone counts rows of a key knows so for this time, in milliseconds. Then it may be another. */
export const aloneMs = 5_000

/**
 * Rows that all processes count together. Taking some never waits: it uses rows that were leased before, and leases more
 * behind the scenes. Until they come, and while the ledger is away, this process has its share of the limit, which is
 * entered later. So all processes together stay within the limit, but for a burst when rows begin to come, and one that is
 * asked more than others gets what the others leave.
 *
 * A lease comes too late for a list that is asked at once, after a pause. So a process that alone counts rows of the key has
 * the whole limit as its share, and leases nothing. There is one such process at most, because each sees in the ledger
 * whoever might still believe to be it.
 */
export class SharedRows implements RowBudget {
  private leased = 0
  private leaseEnds = 0
  /** Of this process's share: taken, and not entered yet. */
  private owed = 0
  private readonly share: OwnRows
  private isAsking = false
  private askAgainAt = Number.NEGATIVE_INFINITY
  /** Asked for since the last lease. */
  private demand = 0
  /** Until when this process is known to be the only one with rows of the key. */
  private aloneUntil = Number.NEGATIVE_INFINITY

  constructor(
    private readonly key: string,
    private readonly ledger: RowLedger,
    private readonly clock: Clock,
  ) {
    this.share = new OwnRows(clock)
  }

  get isFull(): boolean {
    const now = this.clock.now()
    const isKnown = now < this.leaseEnds || now < this.aloneUntil
    return this.share.isFull && !this.isAsking && this.owed <= 0 && !isKnown
  }

  take(asked: number, perSecond: number): number {
    const now = this.clock.now()
    if (now >= this.leaseEnds) this.giveBack()
    const ofLease = Math.min(asked, this.leased)
    this.leased -= ofLease
    const isAlone = now < this.aloneUntil
    const share = isAlone ? perSecond : perSecond / this.ledger.processes
    const ofShare = ofLease < asked ? this.share.take(asked - ofLease, share) : 0
    this.owed += ofShare
    this.demand = isAlone ? 0 : this.demand + asked
    if (!this.isAsking && now >= this.askAgainAt && (this.owed > 0 || this.leased < this.demand))
      void this.ask(perSecond)
    return ofLease + ofShare
  }

  /** Leases that were not used are entered as such with the next one. */
  private giveBack(): void {
    this.owed -= this.leased
    this.leased = 0
  }

  private async ask(perSecond: number): Promise<void> {
    const { clock } = this
    const taken = this.owed
    const wanted = Math.min(Math.ceil(perSecond), this.demand)
    this.isAsking = true
    this.owed = 0
    this.demand = 0
    const askedAt = clock.now()
    try {
      const { granted, isAlone } = await this.ledger.lease(this.key, perSecond, taken, wanted)
      this.leased += granted
      this.leaseEnds = clock.now() + leaseMs
      this.aloneUntil = isAlone ? askedAt + aloneMs : Number.NEGATIVE_INFINITY
      this.askAgainAt = clock.now() + (granted < wanted || isAlone ? emptyMs : 0)
    } catch {
      this.aloneUntil = Number.NEGATIVE_INFINITY
      // What is owed for longer than a second would have been refilled.
      this.owed = Math.min(perSecond, this.owed + taken)
      this.askAgainAt = clock.now() + awayMs
    } finally {
      this.isAsking = false
    }
  }
}

/** Leased rows that are not used in this time are given back, in milliseconds. */
const leaseMs = 500
/** How long to wait before asking again when there is nothing to lease, and when the ledger was away. */
const emptyMs = 50
const awayMs = 500
