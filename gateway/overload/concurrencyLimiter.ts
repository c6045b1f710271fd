import { fewestInFlight, LatencyLimit, type LatencySample } from './latencyLimit'
import { LoopLoad } from './loopLoad'
import { PeakThroughput } from './peakThroughput'

/**
 * Decides whether a request can still be answered within its timeout, before anything of it is read: while the process has no time left, each
 * request that is admitted makes all others later, and one that is answered too late costs as much as an answer.
 *
 * The limit is the lower one of what the latency of answers allows and a share of the peak throughput (see LatencyLimit, PeakThroughput). Nothing is
 * refused and nothing is learned while the process has idle time: requests that wait for others, such as a remote subgraph, keep nobody waiting.
 *
 *     hasRoom, hasFairShare -> acquire -> (waits in the StartQueue) -> tryStart -> release
 */
export class ConcurrencyLimiter {
  private inFlight = 0
  /** Of these, those that have started. */
  private started = 0
  private readonly latencyLimit = new LatencyLimit()
  private readonly throughput = new PeakThroughput()
  private readonly load: LoopLoad
  /** In this window of the throughput. */
  private hasRefused = false
  /** When the first request of this turn of the event loop was read, and that of the turn before. */
  private turn: number | undefined
  private turnBefore: number | undefined

  constructor(
    /** How long the process has been idle so far, in milliseconds: nothing ran on the event loop, and nothing waited for its workers. */
    idleMs: () => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
  ) {
    this.load = new LoopLoad(idleMs)
  }

  /** Whether a request that has `timeoutMs` from now on may come in. Times are milliseconds of one clock. */
  hasRoom(now: number, timeoutMs: number): boolean {
    this.watchTurn(now)
    this.load.sample(now)
    if (this.inFlight < this.limit(now, timeoutMs) || !this.load.isBusy(now)) return true
    return this.refuse(now)
  }

  /**
   * Whether a request may come in although there is no room, because its client, which has `own` requests in flight, has less than its share: one of
   * `clients` equal ones. Other clients may have taken what it did not ask for, so up to twice as many requests are in flight then.
   */
  hasFairShare(now: number, timeoutMs: number, own: number, clients: number): boolean {
    return own < Math.max(1, this.limit(now, timeoutMs) / clients)
  }

  /**
   * The permit of a request that comes in; it must be released. `sentAfter`: when its client had the answer before this one. A request that is read
   * in this turn of the event loop arrived after the turn before began.
   */
  acquire(now: number, timeoutMs: number, sentAfter = Number.NEGATIVE_INFINITY): Permit {
    this.inFlight++
    const sentAt = Math.min(now, Math.max(sentAfter, this.turnBefore ?? now))
    return new Permit(sentAt, now, timeoutMs, this.inFlight)
  }

  /** Whether a request whose turn has come can still be answered in time, after those that have started. If not, its permit is to be released. */
  tryStart(now: number, permit: Permit): boolean {
    const expectedMs = now - permit.sentAt + this.started / this.throughput.at(now)
    if (expectedMs > permit.timeoutMs * peakShare && this.started > 0 && this.load.isBusy(now))
      return this.refuse(now)
    this.started++
    permit.hasStarted = true
    return true
  }

  /** How many requests may start in one turn of the event loop. */
  startsPerTurn(now: number): number {
    return Math.max(1, Math.min(mostStartsPerTurn, this.throughput.at(now) * turnMs))
  }

  /** `isAnswered` is false where the client has gone, or was refused when its turn came. */
  release(now: number, permit: Permit, isAnswered = true): void {
    this.inFlight--
    if (!permit.hasStarted) return
    this.started--
    permit.used = (now - permit.sentAt) / permit.timeoutMs
    if (isAnswered && this.throughput.count(now)) this.endWindow(now)
    this.latencyLimit.update(now, permit, isAnswered, this.throughput.at(now), this.load)
  }

  private limit(now: number, timeoutMs: number): number {
    return Math.max(1, Math.min(this.latencyLimit.at(now), this.throughput.at(now) * peakShare) * timeoutMs)
  }

  private refuse(now: number): false {
    this.latencyLimit.needed(now)
    this.hasRefused = true
    return false
  }

  /** With few requests in flight, the number of answers shows how many were asked for, not how many can be given. */
  private endWindow(now: number): void {
    const isSaturated = (this.hasRefused || this.inFlight >= fewestInFlight) && this.load.isBusy(now)
    this.throughput.nextWindow(now, isSaturated)
    this.hasRefused = false
  }

  private watchTurn(now: number): void {
    if (this.turn !== undefined) return
    this.turn = now
    if (this.turnBefore === undefined) this.atEndOfTurn(this.endTurn)
  }

  /** Goes on for as long as every turn brings a request. */
  private readonly endTurn = (): void => {
    this.turnBefore = this.turn
    this.turn = undefined
    if (this.turnBefore !== undefined) this.atEndOfTurn(this.endTurn)
  }
}

/** What a request holds while it is in flight. */
export class Permit implements LatencySample {
  hasStarted = false
  used = 0

  constructor(
    /** The earliest time at which it can have been sent. */
    readonly sentAt: number,
    readonly admittedAt: number,
    readonly timeoutMs: number,
    readonly inFlight: number,
  ) {}
}

/** Of what can be answered within a timeout at peak throughput, as much may be in flight; the rest is for what cannot be foreseen. */
const peakShare = 0.7
/** As long as a turn should last, in milliseconds: long enough for full batches, and short beside the timeout of any request. */
const turnMs = 4
/** Also while the throughput is unknown. */
const mostStartsPerTurn = 64
