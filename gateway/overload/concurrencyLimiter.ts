import { LoopLoad } from '../../lib/scheduling/eventLoop'

/**
 * Decides whether a request can still be answered within its timeout, before its body is read. When the process has no
 * time left, each admitted request delays all others, and an answer that comes too late costs as much as one in time.
 *
 * The limit is the lower of what the latency of answers allows and a share of the peak throughput (see LatencyLimit,
 * PeakThroughput). Nothing is refused and nothing is learned while the process has idle time: requests that wait for
 * something else, such as a remote subgraph, delay nobody.
 *
 *     hasRoom, hasFairShare -> acquire -> (waits in the StartQueue) -> tryStart (-> answered) -> release
 */
export class ConcurrencyLimiter {
  private inFlight = 0
  /** How many of them have started. */
  private started = 0
  private readonly latencyLimit = new LatencyLimit()
  private readonly throughput = new PeakThroughput()
  private readonly load: LoopLoad
  /** Whether it has refused a request in this window of the throughput. */
  private hasRefused = false
  /** When the first request of this turn of the event loop was read, and that of the previous turn. */
  private turn: number | undefined
  private turnBefore: number | undefined

  constructor(
    /**
     * How long the process has been idle so far, in milliseconds: nothing ran on the event loop, and nothing waited for
     * its workers.
     */
    idleMs: () => number,
    /** Calls a function once, at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
  ) {
    this.load = new LoopLoad(idleMs)
  }

  /** Whether there is room for a request that has `timeoutMs` left. Times are milliseconds of one clock. */
  hasRoom(now: number, timeoutMs: number): boolean {
    this.watchTurn(now)
    this.load.sample(now)
    if (this.inFlight < this.limit(now, timeoutMs) || !this.load.isBusy(now)) return true
    return this.refuse(now)
  }

  /**
   * Whether a request may come in although there is no room, because its client has less than its share: `own` requests
   * in flight, of `clients` equal shares. Other clients may have used this share meanwhile, so up to twice the limit
   * can be in flight then.
   */
  hasFairShare(now: number, timeoutMs: number, own: number, clients: number): boolean {
    return own < Math.max(1, this.limit(now, timeoutMs) / clients)
  }

  /**
   * Admits a request. Its permit must be released. `sentAfter` is when the client got its previous answer on the
   * connection. A request that is read in this turn of the event loop arrived after the previous turn began.
   */
  acquire(now: number, timeoutMs: number, sentAfter = Number.NEGATIVE_INFINITY): Permit {
    this.inFlight++
    const sentAt = Math.min(now, Math.max(sentAfter, this.turnBefore ?? now))
    return new Permit(sentAt, now, timeoutMs, this.inFlight)
  }

  /**
   * Whether a request can still be answered in time, after those that have started, now that its turn has come. If not,
   * release its permit.
   */
  tryStart(now: number, permit: Permit): boolean {
    const expectedMs = now - permit.sentAt + this.started / this.throughput.at(now)
    if (expectedMs > permit.timeoutMs * peakShare && this.started > 0 && this.load.isBusy(now))
      return this.refuse(now)
    this.started++
    permit.hasStarted = true
    return true
  }

  /** Whether the process has had hardly any idle time lately. */
  isBusy(now: number): boolean {
    return this.load.isBusy(now)
  }

  /** How many requests may start in one turn of the event loop. */
  startsPerTurn(now: number): number {
    return Math.max(1, Math.min(mostStartsPerTurn, this.throughput.at(now) * turnMs))
  }

  /**
   * Call when the answer is given to a connection whose client has not read it yet. From now on the request delays nobody;
   * a client may read nothing at all, and wait with hundreds of requests on each connection.
   */
  answered(now: number, permit: Permit): void {
    if (permit.isAnswered) return
    permit.isAnswered = true
    permit.used = (now - permit.sentAt) / permit.timeoutMs
    this.inFlight--
    if (permit.hasStarted) this.started--
  }

  /** `isAnswered` is false if the client has gone, or the request was refused when its turn came. */
  release(now: number, permit: Permit, isAnswered = true): void {
    this.answered(now, permit)
    if (!permit.hasStarted) return
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

  /** With few requests in flight, the number of answers shows the demand, not the capacity. */
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

  /** Repeats for as long as every turn brings a request. */
  private readonly endTurn = (): void => {
    this.turnBefore = this.turn
    this.turn = undefined
    if (this.turnBefore !== undefined) this.atEndOfTurn(this.endTurn)
  }
}

/** What a request holds while it is in flight. */
export class Permit implements LatencySample {
  hasStarted = false
  isAnswered = false
  used = 0

  constructor(
    /** The earliest time at which it can have been sent. */
    readonly sentAt: number,
    readonly admittedAt: number,
    readonly timeoutMs: number,
    readonly inFlight: number,
  ) {}
}

/**
 * The share of the requests answerable within a timeout, at peak throughput, that may be in flight. The rest is
 * reserve.
 */
const peakShare = 0.7
/** How long a turn should last, in milliseconds: long enough for full batches, and short compared with any timeout. */
const turnMs = 4
/** Also applies while the throughput is unknown. */
const mostStartsPerTurn = 64

/**
 * The highest recent throughput, in answers per millisecond: the maximum over the last windows that counted. A stall
 * lowers some windows, but not all of them.
 */
class PeakThroughput {
  private perMs = Number.POSITIVE_INFINITY
  private measuredAt = Number.NEGATIVE_INFINITY
  private began = Number.NEGATIVE_INFINITY
  private answers = 0
  private readonly windows: number[] = []

  /** Infinity while unknown: at first, and when no window has counted for ten seconds. */
  at(now: number): number {
    return now - this.measuredAt > keptMs ? Number.POSITIVE_INFINITY : this.perMs
  }

  /** Counts one answer. Returns whether the window is over; if so, call `nextWindow`. */
  count(now: number): boolean {
    this.answers++
    return now - this.began >= windowMs
  }

  /**
   * Begins the next window. `wasSaturated` says that the answers of the ended window show the capacity and not the
   * demand.
   */
  nextWindow(now: number, wasSaturated: boolean): void {
    const elapsed = now - this.began
    // A much longer window had a stall in it.
    if (wasSaturated && elapsed < 2 * windowMs) this.add(now, this.answers / elapsed)
    this.began = now
    this.answers = 0
  }

  private add(now: number, perMs: number): void {
    if (now - this.measuredAt > keptMs) this.windows.length = 0
    if (this.windows.push(perMs) > mostWindows) this.windows.shift()
    this.perMs = Math.max(...this.windows)
    this.measuredAt = now
  }
}

const windowMs = 50
const mostWindows = 20
/** For how long what was learned is believed. */
const keptMs = 10_000

/** One finished request, as the limit sees it. Times are milliseconds of one clock. */
export interface LatencySample {
  readonly admittedAt: number
  readonly timeoutMs: number
  /** How many requests were in flight when it was admitted, including itself. */
  readonly inFlight: number
  /** The share of its timeout that its answer took. */
  readonly used: number
}

/**
 * Learns from the latency of answers how many requests may be in flight: additive increase, multiplicative decrease, as
 * TCP finds its window. By Little's law, answers are in time while no more requests are in flight than are answered
 * within a timeout, so the limit is a number per millisecond of a request's timeout.
 *
 * There is no limit until an answer is late while others are in flight, nor once it has refused nothing for ten
 * seconds. This class only computes the limit; it admits and refuses nothing.
 */
export class LatencyLimit {
  private perMs = Number.POSITIVE_INFINITY
  /** Requests that were admitted earlier say nothing about the current limit. */
  private loweredAt = Number.NEGATIVE_INFINITY
  private neededAt = Number.NEGATIVE_INFINITY
  /** The share of recent answers that were late. */
  private lateShare = 0

  /** Requests in flight per millisecond of timeout. */
  at(now: number): number {
    if (now - this.neededAt > keptMs) this.perMs = Number.POSITIVE_INFINITY
    return this.perMs
  }

  /** Call when a request was refused because of the limit. */
  needed(now: number): void {
    this.neededAt = now
  }

  /**
   * Learns from an answer or, if `isAnswered` is false, from a request that ended without one. `peak` is the peak
   * throughput in answers per millisecond, which bounds the limit from both sides. While the process is not busy, late
   * answers have other causes and are ignored.
   */
  update(
    now: number,
    sample: LatencySample,
    isAnswered: boolean,
    peak: number,
    load: Pick<LoopLoad, 'isBusy'>,
  ): void {
    const isLate = sample.used > targetShare
    this.lateShare += ((isLate ? 1 : 0) - this.lateShare) * learningRate
    if (!isLate) {
      if (isAnswered) this.raise(sample, peak)
    } else if (sample.admittedAt >= this.loweredAt && this.lateShare >= lateEnough && load.isBusy(now)) {
      this.lower(now, sample, peak)
    }
  }

  private lower(now: number, { timeoutMs, inFlight, used }: LatencySample, peak: number): void {
    if (this.perMs === Number.POSITIVE_INFINITY) {
      if (used < 1 || inFlight < fewestInFlight) return
      this.perMs = (inFlight / timeoutMs) * (targetShare / used)
    } else this.perMs *= decrease
    if (peak !== Number.POSITIVE_INFINITY) this.perMs = Math.max(this.perMs, peak * leastShare)
    this.loweredAt = now
    this.neededAt = now
  }

  private raise({ timeoutMs, inFlight }: LatencySample, peak: number): void {
    const limit = this.perMs * timeoutMs
    // An answer in time among far fewer requests does not show that more would have been in time.
    if (inFlight >= limit / 2 && this.perMs < peak) this.perMs += (this.perMs * increase) / Math.max(1, limit)
  }
}

/** The share of its timeout that an answer may take. The rest is reserve for garbage collection and other programs. */
const targetShare = 0.5
const decrease = 0.8
/** By how much the limit rises once it has admitted and answered as many requests as it allows. */
const increase = 0.04
/** The limit does not fall below this share of the peak throughput. */
const leastShare = 0.1
/** A few late answers (a model with its own queue, a long operation) are no reason to refuse other requests. */
const lateEnough = 0.25
const learningRate = 1 / 32
/** A late answer among fewer requests is due to a slow request or a stall. */
const fewestInFlight = 16
